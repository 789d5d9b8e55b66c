-- name: releases
-- Installed in this database, and what the server would install.
select
    max(installed_version) as installed,
    max(default_version) as available
from pg_available_extensions
where name = 'vector';
