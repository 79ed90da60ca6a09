
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'keyctl' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'keyctl'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'keyctl' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Issue a key and show its token, once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List keys with their masked tokens')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one key and its history')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check whether a token may do something')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke keys, for ever')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Disable keys, until they are enabled again')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Enable keys that were disabled')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Replace a key by a new one of the same name, access and scopes')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Change a key''s name, description, expiry or scopes')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove the records of keys that ended long ago')
            [CompletionResult]::new('policy', 'policy', [CompletionResultType]::ParameterValue, 'See what the store allows, or change it')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'List what was done, by whom and when, or check that nobody altered it')
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'Find leaked tokens in files, archives and repositories, and say which are live')
            [CompletionResult]::new('redact', 'redact', [CompletionResultType]::ParameterValue, 'Mask tokens in text on its way from standard input to standard output')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'Print a rule that makes another scanner find tokens')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write out the whole store: keys of every workspace, policy and log')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Take in keys that were issued elsewhere, all of them or none')
            [CompletionResult]::new('store', 'store', [CompletionResultType]::ParameterValue, 'See where the store is and how it is, make one, back it up, bring it back')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page as roff, or write all of the pages')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;create' {
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Bind the key to this dataset; repeat it for more')
            [CompletionResult]::new('--dataset', '--dataset', [CompletionResultType]::ParameterName, 'Bind the key to this dataset; repeat it for more')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Bind the key to this app')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'A name to call the key by')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'A remark about the key')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'What the key may do; repeat it, or use commas, for more [default: full]')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When the key ends: after 30s, 15m, 12h, 90d, 4w or 1y; at the end of 2027-01-31, UTC; at an RFC 3339 time; or never [default: as the policy says]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Write the token to this new file, mode 0600, and print the id instead')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--all-datasets', '--all-datasets', [CompletionResultType]::ParameterName, 'Open the key to every dataset of the workspace, including future ones')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Check everything, change nothing, and show no token')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check everything, change nothing, and show no token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;list' {
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'Only keys that can reach this dataset, workspace-wide ones included')
            [CompletionResult]::new('--dataset', '--dataset', [CompletionResultType]::ParameterName, 'Only keys that can reach this dataset, workspace-wide ones included')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Only keys of this app')
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'Only keys whose name fits this pattern of *, ? and [abc]')
            [CompletionResult]::new('--status', '--status', [CompletionResultType]::ParameterName, 'Only keys of this status; repeat it, or use commas, for more')
            [CompletionResult]::new('--expiring-within', '--expiring-within', [CompletionResultType]::ParameterName, 'Only keys that expire within this time, such as 14d')
            [CompletionResult]::new('--unused-for', '--unused-for', [CompletionResultType]::ParameterName, 'Only keys not used for this time, such as 90d; one never used counts from its issue')
            [CompletionResult]::new('--sort', '--sort', [CompletionResultType]::ParameterName, 'Sort by created_at, expires_at, last_used_at, name or id; add :desc to reverse the order')
            [CompletionResult]::new('--limit', '--limit', [CompletionResultType]::ParameterName, 'Show at most this many keys')
            [CompletionResult]::new('--after', '--after', [CompletionResultType]::ParameterName, 'Only keys that come after this one in the order')
            [CompletionResult]::new('--fields', '--fields', [CompletionResultType]::ParameterName, 'Only these fields, in this order, with commas between')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--bound-only', '--bound-only', [CompletionResultType]::ParameterName, 'With --dataset: only keys bound to it')
            [CompletionResult]::new('-a', '-a', [CompletionResultType]::ParameterName, 'Keys of every status')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Keys of every status')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;verify' {
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'The request is for this dataset')
            [CompletionResult]::new('--dataset', '--dataset', [CompletionResultType]::ParameterName, 'The request is for this dataset')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'The request is for this app')
            [CompletionResult]::new('--scope', '--scope', [CompletionResultType]::ParameterName, 'The request needs this scope; repeat it, or use commas, for more')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Read from this file')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--all-datasets', '--all-datasets', [CompletionResultType]::ParameterName, 'The request is for the whole workspace, the default without a target')
            [CompletionResult]::new('--batch', '--batch', [CompletionResultType]::ParameterName, 'Read one token per line, print one verdict per line, in order')
            [CompletionResult]::new('--no-touch', '--no-touch', [CompletionResultType]::ParameterName, 'Do not record that the key was used, which is otherwise done as often as the policy says')
            [CompletionResult]::new('--allow-replica', '--allow-replica', [CompletionResultType]::ParameterName, 'Ask a replica too, where a revoked key is valid until the replica has heard of it')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;revoke' {
            [CompletionResult]::new('-d', '-d', [CompletionResultType]::ParameterName, 'The dataset is gone: revoke the keys bound to it alone, take it from those bound to others too, and leave workspace-wide keys as they are')
            [CompletionResult]::new('--dataset', '--dataset', [CompletionResultType]::ParameterName, 'The dataset is gone: revoke the keys bound to it alone, take it from those bound to others too, and leave workspace-wide keys as they are')
            [CompletionResult]::new('--app', '--app', [CompletionResultType]::ParameterName, 'Revoke the keys of this app')
            [CompletionResult]::new('--unused-for', '--unused-for', [CompletionResultType]::ParameterName, 'Revoke keys not used for this time, such as 90d; one never used counts from its issue')
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for the record and the log')
            [CompletionResult]::new('--expect-count', '--expect-count', [CompletionResultType]::ParameterName, 'Refuse unless exactly this many keys would be changed')
            [CompletionResult]::new('--leaked', '--leaked', [CompletionResultType]::ParameterName, 'Revoke the keys of all tokens that are found in this file, or on standard input')
            [CompletionResult]::new('--repo', '--repo', [CompletionResultType]::ParameterName, 'Where a report hides a token, read it in this folder or Git repository, at the place that the report names')
            [CompletionResult]::new('--grace', '--grace', [CompletionResultType]::ParameterName, 'Keep active keys valid for this time, such as 24h, but not beyond their own expiry')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Write the successors'' tokens to this new file, mode 0600: on each line the old key''s id, the new one''s, and the token')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--expired', '--expired', [CompletionResultType]::ParameterName, 'Revoke keys that are expired')
            [CompletionResult]::new('--all', '--all', [CompletionResultType]::ParameterName, 'Revoke every key of the workspace')
            [CompletionResult]::new('--if-exists', '--if-exists', [CompletionResultType]::ParameterName, 'Do not fail for keys and tokens that do not exist')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Check everything and change nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check everything and change nothing')
            [CompletionResult]::new('--by-hash', '--by-hash', [CompletionResultType]::ParameterName, 'Take a token''s SHA-256 in a report for proof that the token leaked')
            [CompletionResult]::new('--replace', '--replace', [CompletionResultType]::ParameterName, 'Issue a successor with the same access for each active key')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;disable' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for the log')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;enable' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;rotate' {
            [CompletionResult]::new('--grace', '--grace', [CompletionResultType]::ParameterName, 'Keep the old token valid for this time, such as 24h, but not beyond its own expiry')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When the new key ends: after 90d, at the end of 2027-01-31, at an RFC 3339 time, or never [default: after a life as long as the old key''s, since that was added here]')
            [CompletionResult]::new('--token-file', '--token-file', [CompletionResultType]::ParameterName, 'Write the token to this new file, mode 0600, and print the id instead')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Check everything, change nothing, and show no token')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check everything, change nothing, and show no token')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;edit' {
            [CompletionResult]::new('--name', '--name', [CompletionResultType]::ParameterName, 'The name to call it by from now on; '''' takes the name away')
            [CompletionResult]::new('--description', '--description', [CompletionResultType]::ParameterName, 'A remark about the key; '''' takes it away')
            [CompletionResult]::new('--expires', '--expires', [CompletionResultType]::ParameterName, 'When the key ends: after 90d, at the end of 2027-01-31, at an RFC 3339 time, or never')
            [CompletionResult]::new('--add-scope', '--add-scope', [CompletionResultType]::ParameterName, 'Let the key do this too; repeat it, or use commas, for more')
            [CompletionResult]::new('--remove-scope', '--remove-scope', [CompletionResultType]::ParameterName, 'Let the key no longer do this; repeat it, or use commas, for more')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Check everything and change nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check everything and change nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;prune' {
            [CompletionResult]::new('--older-than', '--older-than', [CompletionResultType]::ParameterName, 'Only those that ended at least this long ago, such as 90d')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--revoked', '--revoked', [CompletionResultType]::ParameterName, 'Remove keys that were revoked')
            [CompletionResult]::new('--expired', '--expired', [CompletionResultType]::ParameterName, 'Remove keys that are expired')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Check everything and change nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check everything and change nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;policy' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print every setting')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change one setting')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;policy;show' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;policy;set' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;policy;help' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print every setting')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change one setting')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;policy;help;show' {
            break
        }
        'keyctl;policy;help;set' {
            break
        }
        'keyctl;policy;help;help' {
            break
        }
        'keyctl;audit' {
            [CompletionResult]::new('--since', '--since', [CompletionResultType]::ParameterName, 'Only events of the last while, such as 7d')
            [CompletionResult]::new('--action', '--action', [CompletionResultType]::ParameterName, 'Only events of this kind')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Recompute the log and hold it against every key; exit code 7 at the first difference')
            [CompletionResult]::new('head', 'head', [CompletionResultType]::ParameterValue, 'Print the end of the log, to be kept where the store''s writers cannot reach it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;audit;verify' {
            [CompletionResult]::new('--head', '--head', [CompletionResultType]::ParameterName, 'A head that was kept elsewhere, which the log must hold: its hash, or all that `audit head` printed')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;audit;head' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;audit;help' {
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Recompute the log and hold it against every key; exit code 7 at the first difference')
            [CompletionResult]::new('head', 'head', [CompletionResultType]::ParameterValue, 'Print the end of the log, to be kept where the store''s writers cannot reach it')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;audit;help;verify' {
            break
        }
        'keyctl;audit;help;head' {
            break
        }
        'keyctl;audit;help;help' {
            break
        }
        'keyctl;scan' {
            [CompletionResult]::new('--reason', '--reason', [CompletionResultType]::ParameterName, 'Why, for the record and the log')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--git', '--git', [CompletionResultType]::ParameterName, 'Search the Git repositories of these folders too: every object of their history, with those that no branch has any more')
            [CompletionResult]::new('--offline', '--offline', [CompletionResultType]::ParameterName, 'Ask no store: print what has the form of a token, as a candidate')
            [CompletionResult]::new('--revoke', '--revoke', [CompletionResultType]::ParameterName, 'Revoke the keys whose tokens are found, in one transaction')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;redact' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;rules' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;export' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;import' {
            [CompletionResult]::new('--from', '--from', [CompletionResultType]::ParameterName, 'Where the keys are from: an export of keyctl, or the table api_tokens of dify as CSV or JSON Lines')
            [CompletionResult]::new('--bindings', '--bindings', [CompletionResultType]::ParameterName, 'From dify: the table dataset_api_token_bindings, which binds keys to datasets')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--no-bindings', '--no-bindings', [CompletionResultType]::ParameterName, 'From dify: there is no such table, and keys for datasets reach all datasets of their workspace')
            [CompletionResult]::new('--skip-bad', '--skip-bad', [CompletionResultType]::ParameterName, 'From dify: leave out rows that give no key; otherwise nothing is imported then')
            [CompletionResult]::new('--allow-unmet', '--allow-unmet', [CompletionResultType]::ParameterName, 'From dify: keys that the bindings name may be missing from the input')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Check everything and change nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check everything and change nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the store is, or would be')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make an empty store; an existing one is left unchanged')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'See whether the store is in order, for people and for cron')
            [CompletionResult]::new('grants', 'grants', [CompletionResultType]::ParameterValue, 'Print what the owner of a store on PostgreSQL grants to a role')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Copy the whole store into a new file, while others use it')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Replace the store by a backup, or make it from one')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;store;path' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;init' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;check' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;grants' {
            [CompletionResult]::new('--verifier', '--verifier', [CompletionResultType]::ParameterName, 'A role that checks tokens, as a service does')
            [CompletionResult]::new('--admin', '--admin', [CompletionResultType]::ParameterName, 'A role that issues and revokes keys')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;backup' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;restore' {
            [CompletionResult]::new('--head', '--head', [CompletionResultType]::ParameterName, 'The last end of the log that you kept; what was revoked after it is valid again')
            [CompletionResult]::new('--revocations', '--revocations', [CompletionResultType]::ParameterName, 'Revoke these too: ids or tokens, one a line; - reads standard input')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--if-exists', '--if-exists', [CompletionResultType]::ParameterName, 'With --revocations, pass over keys that the backup does not have')
            [CompletionResult]::new('--exact', '--exact', [CompletionResultType]::ParameterName, 'Restore exactly what is in the backup: what was revoked since is valid again')
            [CompletionResult]::new('-n', '-n', [CompletionResultType]::ParameterName, 'Check everything and change nothing')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check everything and change nothing')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;store;help' {
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the store is, or would be')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make an empty store; an existing one is left unchanged')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'See whether the store is in order, for people and for cron')
            [CompletionResult]::new('grants', 'grants', [CompletionResultType]::ParameterValue, 'Print what the owner of a store on PostgreSQL grants to a role')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Copy the whole store into a new file, while others use it')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Replace the store by a backup, or make it from one')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;store;help;path' {
            break
        }
        'keyctl;store;help;init' {
            break
        }
        'keyctl;store;help;check' {
            break
        }
        'keyctl;store;help;grants' {
            break
        }
        'keyctl;store;help;backup' {
            break
        }
        'keyctl;store;help;restore' {
            break
        }
        'keyctl;store;help;help' {
            break
        }
        'keyctl;completions' {
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;man' {
            [CompletionResult]::new('--dir', '--dir', [CompletionResultType]::ParameterName, 'Write every page, keyctl.1 and one for each command, into this folder')
            [CompletionResult]::new('--store', '--store', [CompletionResultType]::ParameterName, 'The store to use [default: keys.db in the user''s data directory; env: KEYCTL_STORE]')
            [CompletionResult]::new('--workspace', '--workspace', [CompletionResultType]::ParameterName, 'The workspace (tenant) to work in [default: default; env: KEYCTL_WORKSPACE]')
            [CompletionResult]::new('--actor', '--actor', [CompletionResultType]::ParameterName, 'The name to record in the log [default: the system''s user; env: KEYCTL_ACTOR]; with audit, list only what was done under this name')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'The form of what is printed [default: table]')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'When to use colour [default: auto]')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'Short for --output json')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Print results and errors only, no remarks')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Answer every confirmation with yes')
            [CompletionResult]::new('--no-input', '--no-input', [CompletionResultType]::ParameterName, 'Never ask, even on a terminal [env: KEYCTL_NO_INPUT]')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help (see more with ''--help'')')
            break
        }
        'keyctl;help' {
            [CompletionResult]::new('create', 'create', [CompletionResultType]::ParameterValue, 'Issue a key and show its token, once')
            [CompletionResult]::new('list', 'list', [CompletionResultType]::ParameterValue, 'List keys with their masked tokens')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show one key and its history')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Check whether a token may do something')
            [CompletionResult]::new('revoke', 'revoke', [CompletionResultType]::ParameterValue, 'Revoke keys, for ever')
            [CompletionResult]::new('disable', 'disable', [CompletionResultType]::ParameterValue, 'Disable keys, until they are enabled again')
            [CompletionResult]::new('enable', 'enable', [CompletionResultType]::ParameterValue, 'Enable keys that were disabled')
            [CompletionResult]::new('rotate', 'rotate', [CompletionResultType]::ParameterValue, 'Replace a key by a new one of the same name, access and scopes')
            [CompletionResult]::new('edit', 'edit', [CompletionResultType]::ParameterValue, 'Change a key''s name, description, expiry or scopes')
            [CompletionResult]::new('prune', 'prune', [CompletionResultType]::ParameterValue, 'Remove the records of keys that ended long ago')
            [CompletionResult]::new('policy', 'policy', [CompletionResultType]::ParameterValue, 'See what the store allows, or change it')
            [CompletionResult]::new('audit', 'audit', [CompletionResultType]::ParameterValue, 'List what was done, by whom and when, or check that nobody altered it')
            [CompletionResult]::new('scan', 'scan', [CompletionResultType]::ParameterValue, 'Find leaked tokens in files, archives and repositories, and say which are live')
            [CompletionResult]::new('redact', 'redact', [CompletionResultType]::ParameterValue, 'Mask tokens in text on its way from standard input to standard output')
            [CompletionResult]::new('rules', 'rules', [CompletionResultType]::ParameterValue, 'Print a rule that makes another scanner find tokens')
            [CompletionResult]::new('export', 'export', [CompletionResultType]::ParameterValue, 'Write out the whole store: keys of every workspace, policy and log')
            [CompletionResult]::new('import', 'import', [CompletionResultType]::ParameterValue, 'Take in keys that were issued elsewhere, all of them or none')
            [CompletionResult]::new('store', 'store', [CompletionResultType]::ParameterValue, 'See where the store is and how it is, make one, back it up, bring it back')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual page as roff, or write all of the pages')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'keyctl;help;create' {
            break
        }
        'keyctl;help;list' {
            break
        }
        'keyctl;help;show' {
            break
        }
        'keyctl;help;verify' {
            break
        }
        'keyctl;help;revoke' {
            break
        }
        'keyctl;help;disable' {
            break
        }
        'keyctl;help;enable' {
            break
        }
        'keyctl;help;rotate' {
            break
        }
        'keyctl;help;edit' {
            break
        }
        'keyctl;help;prune' {
            break
        }
        'keyctl;help;policy' {
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Print every setting')
            [CompletionResult]::new('set', 'set', [CompletionResultType]::ParameterValue, 'Change one setting')
            break
        }
        'keyctl;help;policy;show' {
            break
        }
        'keyctl;help;policy;set' {
            break
        }
        'keyctl;help;audit' {
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Recompute the log and hold it against every key; exit code 7 at the first difference')
            [CompletionResult]::new('head', 'head', [CompletionResultType]::ParameterValue, 'Print the end of the log, to be kept where the store''s writers cannot reach it')
            break
        }
        'keyctl;help;audit;verify' {
            break
        }
        'keyctl;help;audit;head' {
            break
        }
        'keyctl;help;scan' {
            break
        }
        'keyctl;help;redact' {
            break
        }
        'keyctl;help;rules' {
            break
        }
        'keyctl;help;export' {
            break
        }
        'keyctl;help;import' {
            break
        }
        'keyctl;help;store' {
            [CompletionResult]::new('path', 'path', [CompletionResultType]::ParameterValue, 'Print where the store is, or would be')
            [CompletionResult]::new('init', 'init', [CompletionResultType]::ParameterValue, 'Make an empty store; an existing one is left unchanged')
            [CompletionResult]::new('check', 'check', [CompletionResultType]::ParameterValue, 'See whether the store is in order, for people and for cron')
            [CompletionResult]::new('grants', 'grants', [CompletionResultType]::ParameterValue, 'Print what the owner of a store on PostgreSQL grants to a role')
            [CompletionResult]::new('backup', 'backup', [CompletionResultType]::ParameterValue, 'Copy the whole store into a new file, while others use it')
            [CompletionResult]::new('restore', 'restore', [CompletionResultType]::ParameterValue, 'Replace the store by a backup, or make it from one')
            break
        }
        'keyctl;help;store;path' {
            break
        }
        'keyctl;help;store;init' {
            break
        }
        'keyctl;help;store;check' {
            break
        }
        'keyctl;help;store;grants' {
            break
        }
        'keyctl;help;store;backup' {
            break
        }
        'keyctl;help;store;restore' {
            break
        }
        'keyctl;help;completions' {
            break
        }
        'keyctl;help;man' {
            break
        }
        'keyctl;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
