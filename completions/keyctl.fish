# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_keyctl_global_optspecs
    string join \n store= workspace= actor= o/output= json q/quiet y/yes no-input color= h/help V/version
end

function __fish_keyctl_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_keyctl_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_keyctl_using_subcommand
    set -l cmd (__fish_keyctl_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c keyctl -n "__fish_keyctl_needs_command" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_needs_command" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_needs_command" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_needs_command" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_needs_command" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_needs_command" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_needs_command" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_needs_command" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_needs_command" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_needs_command" -s V -l version -d 'Print version'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "create" -d 'Issue a key and show its token, once'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "list" -d 'List keys with their masked tokens'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "show" -d 'Show one key and its history'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "verify" -d 'Check whether a token may do something'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "revoke" -d 'Revoke keys, for ever'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "disable" -d 'Disable keys, until they are enabled again'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "enable" -d 'Enable keys that were disabled'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "rotate" -d 'Replace a key by a new one of the same name, access and scopes'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "edit" -d 'Change a key\'s name, description, expiry or scopes'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "prune" -d 'Remove the records of keys that ended long ago'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "policy" -d 'See what the store allows, or change it'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "audit" -d 'List what was done, by whom and when, or check that nobody altered it'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "scan" -d 'Find leaked tokens in files, archives and repositories, and say which are live'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "redact" -d 'Mask tokens in text on its way from standard input to standard output'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "rules" -d 'Print a rule that makes another scanner find tokens'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "export" -d 'Write out the whole store: keys of every workspace, policy and log'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "import" -d 'Take in keys that were issued elsewhere, all of them or none'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "store" -d 'See where the store is and how it is, make one, back it up, bring it back'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "completions" -d 'Print the completions for a shell'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "man" -d 'Print the manual page as roff, or write all of the pages'
complete -c keyctl -n "__fish_keyctl_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -s d -l dataset -d 'Bind the key to this dataset; repeat it for more' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l app -d 'Bind the key to this app' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l name -d 'A name to call the key by' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l description -d 'A remark about the key' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l scope -d 'What the key may do; repeat it, or use commas, for more [default: full]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l expires -d 'When the key ends: after 30s, 15m, 12h, 90d, 4w or 1y; at the end of 2027-01-31, UTC; at an RFC 3339 time; or never [default: as the policy says]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l token-file -d 'Write the token to this new file, mode 0600, and print the id instead' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l all-datasets -d 'Open the key to every dataset of the workspace, including future ones'
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -s n -l dry-run -d 'Check everything, change nothing, and show no token'
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -s d -l dataset -d 'Only keys that can reach this dataset, workspace-wide ones included' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l app -d 'Only keys of this app' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l name -d 'Only keys whose name fits this pattern of *, ? and [abc]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l status -d 'Only keys of this status; repeat it, or use commas, for more' -r -f -a "active\t''
disabled\t''
expired\t''
revoked\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l expiring-within -d 'Only keys that expire within this time, such as 14d' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l unused-for -d 'Only keys not used for this time, such as 90d; one never used counts from its issue' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l sort -d 'Sort by created_at, expires_at, last_used_at, name or id; add :desc to reverse the order' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l limit -d 'Show at most this many keys' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l after -d 'Only keys that come after this one in the order' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l fields -d 'Only these fields, in this order, with commas between' -r -f -a "id\t''
name\t''
description\t''
kind\t''
workspace\t''
access\t''
scopes\t''
status\t''
masked_token\t''
created_at\t''
created_by\t''
expires_at\t''
last_used_at\t''
disabled_at\t''
revoked_at\t''
revoke_reason\t''
replaces\t''
replaced_by\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l bound-only -d 'With --dataset: only keys bound to it'
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -s a -l all -d 'Keys of every status'
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand list" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -s d -l dataset -d 'The request is for this dataset' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l app -d 'The request is for this app' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l scope -d 'The request needs this scope; repeat it, or use commas, for more' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l token-file -d 'Read from this file' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l all-datasets -d 'The request is for the whole workspace, the default without a target'
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l batch -d 'Read one token per line, print one verdict per line, in order'
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l no-touch -d 'Do not record that the key was used, which is otherwise done as often as the policy says'
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l allow-replica -d 'Ask a replica too, where a revoked key is valid until the replica has heard of it'
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -s d -l dataset -d 'The dataset is gone: revoke the keys bound to it alone, take it from those bound to others too, and leave workspace-wide keys as they are' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l app -d 'Revoke the keys of this app' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l unused-for -d 'Revoke keys not used for this time, such as 90d; one never used counts from its issue' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l reason -d 'Why, for the record and the log' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l expect-count -d 'Refuse unless exactly this many keys would be changed' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l leaked -d 'Revoke the keys of all tokens that are found in this file, or on standard input' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l repo -d 'Where a report hides a token, read it in this folder or Git repository, at the place that the report names' -r -f -a "(__fish_complete_directories)"
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l grace -d 'Keep active keys valid for this time, such as 24h, but not beyond their own expiry' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l token-file -d 'Write the successors\' tokens to this new file, mode 0600: on each line the old key\'s id, the new one\'s, and the token' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l expired -d 'Revoke keys that are expired'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l all -d 'Revoke every key of the workspace'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l if-exists -d 'Do not fail for keys and tokens that do not exist'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -s n -l dry-run -d 'Check everything and change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l by-hash -d 'Take a token\'s SHA-256 in a report for proof that the token leaked'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l replace -d 'Issue a successor with the same access for each active key'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand revoke" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand disable" -l reason -d 'Why, for the log' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand disable" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand disable" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand disable" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand disable" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand disable" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand disable" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand disable" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand disable" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand disable" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand disable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand enable" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand enable" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand enable" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand enable" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand enable" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand enable" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand enable" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand enable" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand enable" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand enable" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l grace -d 'Keep the old token valid for this time, such as 24h, but not beyond its own expiry' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l expires -d 'When the new key ends: after 90d, at the end of 2027-01-31, at an RFC 3339 time, or never [default: after a life as long as the old key\'s, since that was added here]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l token-file -d 'Write the token to this new file, mode 0600, and print the id instead' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -s n -l dry-run -d 'Check everything, change nothing, and show no token'
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand rotate" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l name -d 'The name to call it by from now on; \'\' takes the name away' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l description -d 'A remark about the key; \'\' takes it away' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l expires -d 'When the key ends: after 90d, at the end of 2027-01-31, at an RFC 3339 time, or never' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l add-scope -d 'Let the key do this too; repeat it, or use commas, for more' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l remove-scope -d 'Let the key no longer do this; repeat it, or use commas, for more' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -s n -l dry-run -d 'Check everything and change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand edit" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand prune" -l older-than -d 'Only those that ended at least this long ago, such as 90d' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand prune" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand prune" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand prune" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand prune" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand prune" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand prune" -l revoked -d 'Remove keys that were revoked'
complete -c keyctl -n "__fish_keyctl_using_subcommand prune" -l expired -d 'Remove keys that are expired'
complete -c keyctl -n "__fish_keyctl_using_subcommand prune" -s n -l dry-run -d 'Check everything and change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand prune" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand prune" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand prune" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand prune" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand prune" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and not __fish_seen_subcommand_from show set help" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and not __fish_seen_subcommand_from show set help" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and not __fish_seen_subcommand_from show set help" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and not __fish_seen_subcommand_from show set help" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and not __fish_seen_subcommand_from show set help" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and not __fish_seen_subcommand_from show set help" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and not __fish_seen_subcommand_from show set help" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and not __fish_seen_subcommand_from show set help" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and not __fish_seen_subcommand_from show set help" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and not __fish_seen_subcommand_from show set help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and not __fish_seen_subcommand_from show set help" -f -a "show" -d 'Print every setting'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and not __fish_seen_subcommand_from show set help" -f -a "set" -d 'Change one setting'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and not __fish_seen_subcommand_from show set help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from show" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from show" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from show" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from show" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from show" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from show" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from show" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from show" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from show" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from set" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from set" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from set" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from set" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from set" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from set" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from set" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from set" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from set" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "show" -d 'Print every setting'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "set" -d 'Change one setting'
complete -c keyctl -n "__fish_keyctl_using_subcommand policy; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from verify head help" -l since -d 'Only events of the last while, such as 7d' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from verify head help" -l action -d 'Only events of this kind' -r -f -a "store_created\t''
issued\t''
imported\t''
revoked\t''
disabled\t''
enabled\t''
rotated\t''
edited\t''
pruned\t''
policy_changed\t''
restored\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from verify head help" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from verify head help" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from verify head help" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from verify head help" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from verify head help" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from verify head help" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from verify head help" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from verify head help" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from verify head help" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from verify head help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from verify head help" -a "verify" -d 'Recompute the log and hold it against every key; exit code 7 at the first difference'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from verify head help" -a "head" -d 'Print the end of the log, to be kept where the store\'s writers cannot reach it'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and not __fish_seen_subcommand_from verify head help" -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l head -d 'A head that was kept elsewhere, which the log must hold: its hash, or all that `audit head` printed' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from verify" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from head" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from head" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from head" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from head" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from head" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from head" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from head" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from head" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from head" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from head" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "verify" -d 'Recompute the log and hold it against every key; exit code 7 at the first difference'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "head" -d 'Print the end of the log, to be kept where the store\'s writers cannot reach it'
complete -c keyctl -n "__fish_keyctl_using_subcommand audit; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand scan" -l reason -d 'Why, for the record and the log' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scan" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand scan" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scan" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand scan" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand scan" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand scan" -l git -d 'Search the Git repositories of these folders too: every object of their history, with those that no branch has any more'
complete -c keyctl -n "__fish_keyctl_using_subcommand scan" -l offline -d 'Ask no store: print what has the form of a token, as a candidate'
complete -c keyctl -n "__fish_keyctl_using_subcommand scan" -l revoke -d 'Revoke the keys whose tokens are found, in one transaction'
complete -c keyctl -n "__fish_keyctl_using_subcommand scan" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand scan" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand scan" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand scan" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand scan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand redact" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand redact" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand redact" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand redact" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand redact" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand redact" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand redact" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand redact" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand redact" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand redact" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand rules" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand rules" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand rules" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand rules" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand rules" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand rules" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand rules" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand rules" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand rules" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand rules" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand export" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand export" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand export" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand export" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand export" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand export" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand export" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand export" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand export" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -l from -d 'Where the keys are from: an export of keyctl, or the table api_tokens of dify as CSV or JSON Lines' -r -f -a "keyctl\t''
dify\t''"
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -l bindings -d 'From dify: the table dataset_api_token_bindings, which binds keys to datasets' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -l no-bindings -d 'From dify: there is no such table, and keys for datasets reach all datasets of their workspace'
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -l skip-bad -d 'From dify: leave out rows that give no key; otherwise nothing is imported then'
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -l allow-unmet -d 'From dify: keys that the bindings name may be missing from the input'
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -s n -l dry-run -d 'Check everything and change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -f -a "path" -d 'Print where the store is, or would be'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -f -a "init" -d 'Make an empty store; an existing one is left unchanged'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -f -a "check" -d 'See whether the store is in order, for people and for cron'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -f -a "grants" -d 'Print what the owner of a store on PostgreSQL grants to a role'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -f -a "backup" -d 'Copy the whole store into a new file, while others use it'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -f -a "restore" -d 'Replace the store by a backup, or make it from one'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and not __fish_seen_subcommand_from path init check grants backup restore help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from path" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from path" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from path" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from path" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from path" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from path" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from path" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from path" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from path" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from path" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from grants" -l verifier -d 'A role that checks tokens, as a service does' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from grants" -l admin -d 'A role that issues and revokes keys' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from grants" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from grants" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from grants" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from grants" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from grants" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from grants" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from grants" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from grants" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from grants" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from grants" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from backup" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from backup" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from backup" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from backup" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from backup" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from backup" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from backup" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from backup" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from backup" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from backup" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from restore" -l head -d 'The last end of the log that you kept; what was revoked after it is valid again' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from restore" -l revocations -d 'Revoke these too: ids or tokens, one a line; - reads standard input' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from restore" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from restore" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from restore" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from restore" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from restore" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from restore" -l if-exists -d 'With --revocations, pass over keys that the backup does not have'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from restore" -l exact -d 'Restore exactly what is in the backup: what was revoked since is valid again'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from restore" -s n -l dry-run -d 'Check everything and change nothing'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from restore" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from restore" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from restore" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from restore" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from restore" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "path" -d 'Print where the store is, or would be'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "init" -d 'Make an empty store; an existing one is left unchanged'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "check" -d 'See whether the store is in order, for people and for cron'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "grants" -d 'Print what the owner of a store on PostgreSQL grants to a role'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "backup" -d 'Copy the whole store into a new file, while others use it'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "restore" -d 'Replace the store by a backup, or make it from one'
complete -c keyctl -n "__fish_keyctl_using_subcommand store; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -l dir -d 'Write every page, keyctl.1 and one for each command, into this folder' -r -f -a "(__fish_complete_directories)"
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -l store -d 'The store to use [default: keys.db in the user\'s data directory; env: KEYCTL_STORE]' -r -F
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -l workspace -d 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -l actor -d 'The name to record in the log [default: the system\'s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name' -r
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -s o -l output -d 'The form of what is printed [default: table]' -r -f -a "table\t'Text for people'
json\t'One JSON document'
jsonl\t'One JSON document a line'
csv\t'Comma-separated values with a header'
id\t'Ids alone, one a line'"
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -l color -d 'When to use colour [default: auto]' -r -f -a "auto\t'On a terminal, unless NO_COLOR or TERM=dumb say otherwise'
always\t'Always'
never\t'Never'"
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -l json -d 'Short for --output json'
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -s q -l quiet -d 'Print results and errors only, no remarks'
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -s y -l yes -d 'Answer every confirmation with yes'
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -l no-input -d 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
complete -c keyctl -n "__fish_keyctl_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "create" -d 'Issue a key and show its token, once'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "list" -d 'List keys with their masked tokens'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "show" -d 'Show one key and its history'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "verify" -d 'Check whether a token may do something'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "revoke" -d 'Revoke keys, for ever'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "disable" -d 'Disable keys, until they are enabled again'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "enable" -d 'Enable keys that were disabled'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "rotate" -d 'Replace a key by a new one of the same name, access and scopes'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "edit" -d 'Change a key\'s name, description, expiry or scopes'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "prune" -d 'Remove the records of keys that ended long ago'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "policy" -d 'See what the store allows, or change it'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "audit" -d 'List what was done, by whom and when, or check that nobody altered it'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "scan" -d 'Find leaked tokens in files, archives and repositories, and say which are live'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "redact" -d 'Mask tokens in text on its way from standard input to standard output'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "rules" -d 'Print a rule that makes another scanner find tokens'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "export" -d 'Write out the whole store: keys of every workspace, policy and log'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "import" -d 'Take in keys that were issued elsewhere, all of them or none'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "store" -d 'See where the store is and how it is, make one, back it up, bring it back'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "completions" -d 'Print the completions for a shell'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "man" -d 'Print the manual page as roff, or write all of the pages'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and not __fish_seen_subcommand_from create list show verify revoke disable enable rotate edit prune policy audit scan redact rules export import store completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "show" -d 'Print every setting'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from policy" -f -a "set" -d 'Change one setting'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from audit" -f -a "verify" -d 'Recompute the log and hold it against every key; exit code 7 at the first difference'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from audit" -f -a "head" -d 'Print the end of the log, to be kept where the store\'s writers cannot reach it'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "path" -d 'Print where the store is, or would be'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "init" -d 'Make an empty store; an existing one is left unchanged'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "check" -d 'See whether the store is in order, for people and for cron'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "grants" -d 'Print what the owner of a store on PostgreSQL grants to a role'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "backup" -d 'Copy the whole store into a new file, while others use it'
complete -c keyctl -n "__fish_keyctl_using_subcommand help; and __fish_seen_subcommand_from store" -f -a "restore" -d 'Replace the store by a backup, or make it from one'
