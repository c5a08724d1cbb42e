-- Each batch looks for the budgets of the people whose runs it moves, and of the day. The unique indexes are partial by one scope each, so a
-- search over both scopes could use none of them and read the table whole.
CREATE INDEX budgets_of_people_and_days ON budgets (workspace_id, user_id) WHERE scope IN ('user', 'day');
