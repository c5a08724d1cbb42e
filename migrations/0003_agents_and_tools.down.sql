DROP TABLE tools;
DROP TABLE agents;
