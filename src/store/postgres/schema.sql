-- A line for each thing in the schema keyctl, and for what somebody could plant there:
-- triggers, rules and policies, of which keyctl makes none, things of another owner, and
-- what everybody may do. schema.txt is the answer where nobody else was at work.
  WITH ours AS (
      SELECT c.*, c.relowner <> n.nspowner AS is_foreign
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'keyctl'
  )
  SELECT concat_ws(' ', 'column', c.relname || '.' || a.attname, format_type(a.atttypid, NULL),
                   CASE WHEN a.attnotnull THEN 'required' END, l.collname,
                   CASE WHEN a.atthasdef THEN 'with a default' END)
  FROM ours c JOIN pg_attribute a ON a.attrelid = c.oid
  LEFT JOIN pg_collation l ON l.oid = a.attcollation
  WHERE c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL
  SELECT concat_ws(' ', 'constraint', c.relname || '.' || r.conname, r.contype,
                   pg_get_constraintdef(r.oid),
                   CASE WHEN NOT r.convalidated THEN 'not valid' END)
  FROM ours c JOIN pg_constraint r ON r.conrelid = c.oid WHERE r.contype <> 'n'
UNION ALL
  SELECT concat_ws(' ', 'index', c.relname, pg_get_indexdef(c.oid),
                   CASE WHEN NOT i.indisvalid THEN 'not valid' END)
  FROM ours c JOIN pg_index i ON i.indexrelid = c.oid
UNION ALL
  SELECT concat_ws(' ', CASE c.relkind WHEN 'r' THEN 'table' ELSE 'relation' END, c.relname,
                   CASE WHEN c.is_foreign THEN 'of another owner' END,
                   CASE WHEN c.relpersistence <> 'p' THEN 'emptied by a crash' END,
                   CASE WHEN c.relrowsecurity OR c.relforcerowsecurity
                        THEN 'with row security' END)
  FROM ours c WHERE c.relkind NOT IN ('i', 'I')
UNION ALL
  SELECT concat_ws(' ', 'child', c.relname || '.' || h.inhrelid::regclass::text)
  FROM ours c JOIN pg_inherits h ON h.inhparent = c.oid OR h.inhrelid = c.oid
UNION ALL
  SELECT concat_ws(' ', 'function', p.proname, pg_get_function_identity_arguments(p.oid),
                   CASE WHEN p.proowner <> n.nspowner THEN 'of another owner' END,
                   CASE WHEN p.prosecdef THEN 'as its owner' END,
                   array_to_string(p.proconfig, ' '), p.provolatile, p.prokind,
                 encode(sha256(convert_to(p.prosrc, 'UTF8')), 'hex'))
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'keyctl'
UNION ALL
  SELECT concat_ws(' ', 'grant', o.name, 'to everybody:', g.privilege_type)
  FROM (SELECT relname AS name, relacl AS acl FROM ours
        UNION ALL
        SELECT c.relname || '.' || a.attname, a.attacl
        FROM ours c JOIN pg_attribute a ON a.attrelid = c.oid
        UNION ALL
        SELECT proname, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc
        WHERE pronamespace = 'keyctl'::regnamespace
        UNION ALL SELECT nspname, nspacl FROM pg_namespace WHERE nspname = 'keyctl') o,
       aclexplode(o.acl) g
  WHERE g.grantee = 0
UNION ALL
  SELECT concat_ws(' ', 'trigger', c.relname || '.' || t.tgname)
  FROM ours c JOIN pg_trigger t ON t.tgrelid = c.oid
  WHERE NOT t.tgisinternal OR t.tgenabled <> 'O'
UNION ALL
  SELECT concat_ws(' ', 'rule', c.relname || '.' || w.rulename)
  FROM ours c JOIN pg_rewrite w ON w.ev_class = c.oid
UNION ALL
  SELECT concat_ws(' ', 'policy', c.relname || '.' || y.polname)
  FROM ours c JOIN pg_policy y ON y.polrelid = c.oid
UNION ALL
  SELECT concat_ws(' ', 'operator', p.oprname, p.oid)
  FROM pg_operator p WHERE p.oprnamespace = 'keyctl'::regnamespace
UNION ALL
  SELECT concat_ws(' ', 'type', t.typname)
  FROM pg_type t WHERE t.typnamespace = 'keyctl'::regnamespace AND t.typtype NOT IN ('b', 'c')
