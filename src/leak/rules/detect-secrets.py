# detect-secrets finds tokens issued by keyctl, besides all that it finds by itself:
#
#   keyctl rules detect-secrets > keyctl.py
#   detect-secrets scan --plugin keyctl.py > report.json
#   keyctl revoke --leaked report.json --repo .
#
# Its reports hold the SHA-1 of what it found and never the secret itself: it is
# read where they say that it stands.

import re

from detect_secrets.plugins.base import RegexBasedDetector


class KeyctlTokenDetector(RegexBasedDetector):
    """Finds tokens issued by keyctl, valid until their keys are revoked."""

    secret_type = "keyctl-token"

    # No group that captures: its text would be taken for the secret.
    denylist = (re.compile(r"(?:app|dataset)-[0-9A-Za-z]{24}"),)
