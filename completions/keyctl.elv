
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
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]'
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
            cand store 'See where the store is, or make one'
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
            cand --expires 'When the key ends: after 30s, 15m, 12h, 90d, 4w or 1y; at the end of 2027-01-31, UTC; at an RFC 3339 time; or never [default: never]'
            cand --token-file 'Write the token to this new file, mode 0600, and print the id instead'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]'
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
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]'
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
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]'
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
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --all-datasets 'The request is for the whole workspace, the default without a target'
            cand --batch 'Read one token per line, print one verdict per line, in order'
            cand --no-touch 'Do not record that the key was used, which is otherwise done once in ten minutes'
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
            cand --reason 'Why, for the record and the log'
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]'
            cand -o 'The form of what is printed [default: table]'
            cand --output 'The form of what is printed [default: table]'
            cand --color 'When to use colour [default: auto]'
            cand --if-exists 'Do not fail for keys and tokens that do not exist'
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
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]'
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
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;store;path'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]'
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
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]'
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
        &'keyctl;store;help'= {
            cand path 'Print where the store is, or would be'
            cand init 'Make an empty store; an existing one is left unchanged'
            cand help 'Print this message or the help of the given subcommand(s)'
        }
        &'keyctl;store;help;path'= {
        }
        &'keyctl;store;help;init'= {
        }
        &'keyctl;store;help;help'= {
        }
        &'keyctl;completions'= {
            cand --store 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]'
            cand --workspace 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]'
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]'
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
            cand --actor 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]'
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
            cand store 'See where the store is, or make one'
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
        &'keyctl;help;store'= {
            cand path 'Print where the store is, or would be'
            cand init 'Make an empty store; an existing one is left unchanged'
        }
        &'keyctl;help;store;path'= {
        }
        &'keyctl;help;store;init'= {
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
