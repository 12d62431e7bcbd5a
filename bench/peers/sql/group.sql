-- The group $1.
SELECT id, name, status, description, criteria_text, member_count, maximum_members, updated_at FROM groups WHERE id = $1
