# A CI job that was handed a file of leaked tokens: whatever they are, they must
# be dead at its end, and there must be a report.
#
# It finds leaked.txt: 20 tokens, of which one is unknown and one is revoked.

# Without --if-exists an unknown token is an error, for it may live in another
# store; the others are revoked all the same. So this job asks for no error.
keyctl revoke - --if-exists --reason leaked --json <leaked.txt >report.json

jq -e '.summary | contains({revoked: 18, already_revoked: 1, not_found: 0, unknown_token: 1})' report.json >/dev/null
jq -e '[.results[] | select(.result == "unknown_token") | .source] == ["stdin:7"]' report.json >/dev/null

# None of them opens anything any more, in either workspace.
for workspace in default team; do
    keyctl verify --batch --all-datasets --workspace "$workspace" <leaked.txt || [ $? -eq 5 ]
done >verdicts.txt
[ "$(wc -l <verdicts.txt)" -eq 40 ]
[ "$(grep -c '^denied: revoked' verdicts.txt)" -eq 19 ]
[ "$(grep -c '^denied: not_found' verdicts.txt)" -eq 21 ]

# The report names keys, never tokens.
while read -r token; do
    ! grep -qF -- "$token" report.json verdicts.txt
done <leaked.txt

# The job may run again.
keyctl revoke - --if-exists --json <leaked.txt | jq -e '.summary.already_revoked == 19' >/dev/null
