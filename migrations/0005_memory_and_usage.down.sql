DROP TABLE llm_usage;
DROP TABLE api_usage;
DROP TABLE messages;
DROP TABLE conversations;
DROP TABLE memories;
