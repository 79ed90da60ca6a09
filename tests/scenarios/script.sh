# A deployment script: it issues a key, keeps its token in a file and its id in
# a variable, uses the key, and finds out what it may do.

# The record and the token, from one JSON document that is never on disk.
document=$(keyctl create --dataset ds_42 --name deploy --scope datasets:read --expires 90d --json 2>/dev/null)
id=$(jq -r .key.id <<<"$document")
(umask 077 && jq -r .token <<<"$document" >deploy.token)
unset document

# The key as a list shows it.
keyctl list --json | jq -e --arg id "$id" '
    .count == 1 and .keys[0].id == $id and .keys[0].status == "active"' >/dev/null

# What a service would say.
keyctl verify --dataset ds_42 --scope datasets:read --token-file deploy.token --json |
    jq -e '.valid and .http_status == 200' >/dev/null

code=0
keyctl verify --dataset ds_42 --scope datasets:write <deploy.token >/dev/null 2>&1 || code=$?
[ "$code" -eq 6 ]
code=0
keyctl verify <deploy.token >verdict.txt 2>hint.txt || code=$?
[ "$code" -eq 6 ]
grep -q -- '--dataset ds_42' hint.txt

# Ids in a pipe: every key that was never used, as CSV for the colleagues.
keyctl create --app web --token-file web.token --quiet >web.id
[ "$(stat -c %a web.token)" = 600 ]
keyctl list --unused-for 0s -o id | sort >unused.txt
sort web.id | comm -23 - unused.txt | (! grep .)
keyctl list -o csv --fields id,name,access >keys.csv
[ "$(wc -l <keys.csv)" -eq 3 ]

# A batch: one verdict a line, in the order of the tokens.
cat deploy.token web.token | (keyctl verify --batch --dataset ds_42 || true) |
    cut -d' ' -f1 | paste -sd' ' | grep -qx 'valid denied:'

# And the end of it.
keyctl revoke "$id" "$(cat web.id)" --reason 'deployment over' --json |
    jq -e '.summary.revoked == 2' >/dev/null
code=0
keyctl verify --dataset ds_42 <deploy.token >/dev/null 2>&1 || code=$?
[ "$code" -eq 5 ]
