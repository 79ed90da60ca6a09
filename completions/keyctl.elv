
use builtin;
use str;

set edit:completion:arg-completer[keyctl] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'keyctl'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'keyctl'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand -V 'Print version'
            cand --version 'Print version'
            cand create 'Issue a key and show its token, once'
            cand list 'List keys with their masked tokens'
            cand show 'Show one key and its history'
            cand verify 'Check whether a token may do something'
            cand revoke 'Revoke keys, for ever'
            cand disable 'Disable keys, until they are enabled again'
            cand enable 'Enable keys that were disabled'
            cand rotate 'Replace a key by a new one of the same name, access and scopes'
            cand edit 'Change a key''s name, description, expiry or scopes'
            cand prune 'Remove the records of keys that ended long ago'
            cand policy 'See what the store allows, or change it'
            cand audit 'List what was done, by whom and when, or check that nobody altered it'
            cand scan 'Find leaked tokens in files, archives and repositories, and say which are live'
            cand redact 'Mask tokens in text on its way from standard input to standard output'
            cand rules 'Print a rule that makes another scanner find tokens'
            cand export 'Write out the whole store: keys of every workspace, policy and log'
            cand import 'Take in keys that were issued elsewhere, all of them or none'
            cand store 'See where the store is and how it is, make one, back it up, bring it back'
            cand completions 'Print the completions for a shell'
            cand man 'Print the manual page as roff, or write all of the pages'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;create'= {
            cand -d 'Bind the key to this dataset; repeat it for more'
            cand --dataset 'Bind the key to this dataset; repeat it for more'
            cand --app 'Bind the key to this app'
            cand --name 'A name to call the key by'
            cand --description 'A remark about the key'
            cand --scope 'What the key may do; repeat it, or use commas, for more [default: full]'
            cand --expires 'When the key ends: after 30s, 15m, 12h, 90d, 4w or 1y; at the end of 2027-01-31, UTC; at an RFC 3339 time; or never [default: as the policy says]'
            cand --token-file 'Write the token to this new file, mode 0600, and print the id instead'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --all-datasets 'Open the key to every dataset of the workspace, including future ones'
            cand -n 'Check everything, change nothing, and show no token'
            cand --dry-run 'Check everything, change nothing, and show no token'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;list'= {
            cand -d 'Only keys that can reach this dataset, workspace-wide ones included'
            cand --dataset 'Only keys that can reach this dataset, workspace-wide ones included'
            cand --app 'Only keys of this app'
            cand --name 'Only keys whose name fits this pattern of *, ? and [abc]'
            cand --status 'Only keys of this status; repeat it, or use commas, for more'
            cand --expiring-within 'Only keys that expire within this time, such as 14d'
            cand --unused-for 'Only keys not used for this time, such as 90d; one never used counts from its issue'
            cand --sort 'Sort by created_at, expires_at, last_used_at, name or id; add :desc to reverse the order'
            cand --limit 'Show at most this many keys'
            cand --after 'Only keys that come after this one in the order'
            cand --fields 'Only these fields, in this order, with commas between'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --bound-only 'With --dataset: only keys bound to it'
            cand -a 'Keys of every status'
            cand --all 'Keys of every status'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;show'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;verify'= {
            cand -d 'The request is for this dataset'
            cand --dataset 'The request is for this dataset'
            cand --app 'The request is for this app'
            cand --scope 'The request needs this scope; repeat it, or use commas, for more'
            cand --token-file 'Read from this file'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --all-datasets 'The request is for the whole workspace, the default without a target'
            cand --batch 'Read one token per line, print one verdict per line, in order'
            cand --no-touch 'Do not record that the key was used, which is otherwise done as often as the policy says'
            cand --allow-replica 'Ask a replica too, where a revoked key is valid until the replica has heard of it'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;revoke'= {
            cand -d 'The dataset is gone: revoke the keys bound to it alone, take it from those bound to others too, and leave workspace-wide keys as they are'
            cand --dataset 'The dataset is gone: revoke the keys bound to it alone, take it from those bound to others too, and leave workspace-wide keys as they are'
            cand --app 'Revoke the keys of this app'
            cand --unused-for 'Revoke keys not used for this time, such as 90d; one never used counts from its issue'
            cand --reason 'Why, for the record and the log'
            cand --expect-count 'Refuse unless exactly this many keys would be changed'
            cand --leaked 'Revoke the keys of all tokens that are found in this file, or on standard input'
            cand --repo 'Where a report hides a token, read it in this folder or Git repository, at the place that the report names'
            cand --grace 'Keep active keys valid for this time, such as 24h, but not beyond their own expiry'
            cand --token-file 'Write the successors'' tokens to this new file, mode 0600: on each line the old key''s id, the new one''s, and the token'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --expired 'Revoke keys that are expired'
            cand --all 'Revoke every key of the workspace'
            cand --if-exists 'Do not fail for keys and tokens that do not exist'
            cand -n 'Check everything and change nothing'
            cand --dry-run 'Check everything and change nothing'
            cand --by-hash 'Take a token''s SHA-256 in a report for proof that the token leaked'
            cand --replace 'Issue a successor with the same access for each active key'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;disable'= {
            cand --reason 'Why, for the log'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;enable'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;rotate'= {
            cand --grace 'Keep the old token valid for this time, such as 24h, but not beyond its own expiry'
            cand --expires 'When the new key ends: after 90d, at the end of 2027-01-31, at an RFC 3339 time, or never [default: after a life as long as the old key''s, since that was added here]'
            cand --token-file 'Write the token to this new file, mode 0600, and print the id instead'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand -n 'Check everything, change nothing, and show no token'
            cand --dry-run 'Check everything, change nothing, and show no token'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;edit'= {
            cand --name 'The name to call it by from now on; '''' takes the name away'
            cand --description 'A remark about the key; '''' takes it away'
            cand --expires 'When the key ends: after 90d, at the end of 2027-01-31, at an RFC 3339 time, or never'
            cand --add-scope 'Let the key do this too; repeat it, or use commas, for more'
            cand --remove-scope 'Let the key no longer do this; repeat it, or use commas, for more'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand -n 'Check everything and change nothing'
            cand --dry-run 'Check everything and change nothing'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;prune'= {
            cand --older-than 'Only those that ended at least this long ago, such as 90d'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --revoked 'Remove keys that were revoked'
            cand --expired 'Remove keys that are expired'
            cand -n 'Check everything and change nothing'
            cand --dry-run 'Check everything and change nothing'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;policy'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand show 'Print every setting'
            cand set 'Change one setting'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;policy;show'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;policy;set'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;policy;help'= {
            cand show 'Print every setting'
            cand set 'Change one setting'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;policy;help;show'= {
        }
        &'keyctl;policy;help;set'= {
        }
        &'keyctl;policy;help;help'= {
        }
        &'keyctl;audit'= {
            cand --since 'Only events of the last while, such as 7d'
            cand --action 'Only events of this kind'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand verify 'Recompute the log and hold it against every key; exit code 7 at the first difference'
            cand head 'Print the end of the log, to be kept where the store''s writers cannot reach it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;audit;verify'= {
            cand --head 'A head that was kept elsewhere, which the log must hold: its hash, or all that `audit head` printed'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;audit;head'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;audit;help'= {
            cand verify 'Recompute the log and hold it against every key; exit code 7 at the first difference'
            cand head 'Print the end of the log, to be kept where the store''s writers cannot reach it'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;audit;help;verify'= {
        }
        &'keyctl;audit;help;head'= {
        }
        &'keyctl;audit;help;help'= {
        }
        &'keyctl;scan'= {
            cand --reason 'Why, for the record and the log'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --git 'Search the Git repositories of these folders too: every object of their history, with those that no branch has any more'
            cand --offline 'Ask no store: print what has the form of a token, as a candidate'
            cand --revoke 'Revoke the keys whose tokens are found, in one transaction'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;redact'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;rules'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;export'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;import'= {
            cand --from 'Where the keys are from: an export of keyctl, or the table api_tokens of dify as CSV or JSON Lines'
            cand --bindings 'From dify: the table dataset_api_token_bindings, which binds keys to datasets'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --no-bindings 'From dify: there is no such table, and keys for datasets reach all datasets of their workspace'
            cand --skip-bad 'From dify: leave out rows that give no key; otherwise nothing is imported then'
            cand --allow-unmet 'From dify: keys that the bindings name may be missing from the input'
            cand -n 'Check everything and change nothing'
            cand --dry-run 'Check everything and change nothing'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
            cand path 'Print where the store is, or would be'
            cand init 'Make an empty store; an existing one is left unchanged'
            cand check 'See whether the store is in order, for people and for cron'
            cand grants 'Print what the owner of a store on PostgreSQL grants to a role'
            cand backup 'Copy the whole store into a new file, while others use it'
            cand restore 'Replace the store by a backup, or make it from one'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;store;path'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;init'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;check'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;grants'= {
            cand --verifier 'A role that checks tokens, as a service does'
            cand --admin 'A role that issues and revokes keys'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;backup'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;restore'= {
            cand --head 'The last end of the log that you kept; what was revoked after it is valid again'
            cand --revocations 'Revoke these too: ids or tokens, one a line; - reads standard input'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --if-exists 'With --revocations, pass over keys that the backup does not have'
            cand --exact 'Restore exactly what is in the backup: what was revoked since is valid again'
            cand -n 'Check everything and change nothing'
            cand --dry-run 'Check everything and change nothing'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;store;help'= {
            cand path 'Print where the store is, or would be'
            cand init 'Make an empty store; an existing one is left unchanged'
            cand check 'See whether the store is in order, for people and for cron'
            cand grants 'Print what the owner of a store on PostgreSQL grants to a role'
            cand backup 'Copy the whole store into a new file, while others use it'
            cand restore 'Replace the store by a backup, or make it from one'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;store;help;path'= {
        }
        &'keyctl;store;help;init'= {
        }
        &'keyctl;store;help;check'= {
        }
        &'keyctl;store;help;grants'= {
        }
        &'keyctl;store;help;backup'= {
        }
        &'keyctl;store;help;restore'= {
        }
        &'keyctl;store;help;help'= {
        }
        &'keyctl;completions'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;man'= {
            cand --dir 'Write every page, keyctl.1 and one for each command, into this folder'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --json 'Short for --output json'
            cand -q 'Print results and errors only, no remarks'
            cand --quiet 'Print results and errors only, no remarks'
            cand -y 'Answer every confirmation with yes'
            cand --yes 'Answer every confirmation with yes'
            cand --no-input 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]'
            cand -h 'Print help (see more with ''--help'')'
            cand --help 'Print help (see more with ''--help'')'
        }
        &'keyctl;help'= {
            cand create 'Issue a key and show its token, once'
            cand list 'List keys with their masked tokens'
            cand show 'Show one key and its history'
            cand verify 'Check whether a token may do something'
            cand revoke 'Revoke keys, for ever'
            cand disable 'Disable keys, until they are enabled again'
            cand enable 'Enable keys that were disabled'
            cand rotate 'Replace a key by a new one of the same name, access and scopes'
            cand edit 'Change a key''s name, description, expiry or scopes'
            cand prune 'Remove the records of keys that ended long ago'
            cand policy 'See what the store allows, or change it'
            cand audit 'List what was done, by whom and when, or check that nobody altered it'
            cand scan 'Find leaked tokens in files, archives and repositories, and say which are live'
            cand redact 'Mask tokens in text on its way from standard input to standard output'
            cand rules 'Print a rule that makes another scanner find tokens'
            cand export 'Write out the whole store: keys of every workspace, policy and log'
            cand import 'Take in keys that were issued elsewhere, all of them or none'
            cand store 'See where the store is and how it is, make one, back it up, bring it back'
            cand completions 'Print the completions for a shell'
            cand man 'Print the manual page as roff, or write all of the pages'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;help;create'= {
        }
        &'keyctl;help;list'= {
        }
        &'keyctl;help;show'= {
        }
        &'keyctl;help;verify'= {
        }
        &'keyctl;help;revoke'= {
        }
        &'keyctl;help;disable'= {
        }
        &'keyctl;help;enable'= {
        }
        &'keyctl;help;rotate'= {
        }
        &'keyctl;help;edit'= {
        }
        &'keyctl;help;prune'= {
        }
        &'keyctl;help;policy'= {
            cand show 'Print every setting'
            cand set 'Change one setting'
        }
        &'keyctl;help;policy;show'= {
        }
        &'keyctl;help;policy;set'= {
        }
        &'keyctl;help;audit'= {
            cand verify 'Recompute the log and hold it against every key; exit code 7 at the first difference'
            cand head 'Print the end of the log, to be kept where the store''s writers cannot reach it'
        }
        &'keyctl;help;audit;verify'= {
        }
        &'keyctl;help;audit;head'= {
        }
        &'keyctl;help;scan'= {
        }
        &'keyctl;help;redact'= {
        }
        &'keyctl;help;rules'= {
        }
        &'keyctl;help;export'= {
        }
        &'keyctl;help;import'= {
        }
        &'keyctl;help;store'= {
            cand path 'Print where the store is, or would be'
            cand init 'Make an empty store; an existing one is left unchanged'
            cand check 'See whether the store is in order, for people and for cron'
            cand grants 'Print what the owner of a store on PostgreSQL grants to a role'
            cand backup 'Copy the whole store into a new file, while others use it'
            cand restore 'Replace the store by a backup, or make it from one'
        }
        &'keyctl;help;store;path'= {
        }
        &'keyctl;help;store;init'= {
        }
        &'keyctl;help;store;check'= {
        }
        &'keyctl;help;store;grants'= {
        }
        &'keyctl;help;store;backup'= {
        }
        &'keyctl;help;store;restore'= {
        }
        &'keyctl;help;completions'= {
        }
        &'keyctl;help;man'= {
        }
        &'keyctl;help;help'= {
        }
    ]
    $completions[$command]
}
