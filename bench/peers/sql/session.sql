-- Office and roles of the admin $2, if the session $1 is theirs and lasts at $3: what our server asks with each request.
SELECT admins.office_id, roles.key, roles.name, roles.description, roles.permissions, assigned_level, unassigned_level,
    scope, shown_when_limited, never_holds_book, reads_audited
FROM sessions
JOIN admins ON admins.id = sessions.admin_id
LEFT JOIN admin_roles ON admin_roles.admin_id = admins.id
LEFT JOIN roles ON roles.id = role_id
WHERE sessions.id = $1 AND sessions.admin_id = $2 AND revoked_at IS NULL AND expires_at > $3 AND admins.status = 'ACTIVE'
ORDER BY roles.key
