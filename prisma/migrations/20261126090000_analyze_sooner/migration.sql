-- Of a tenant that has grown since statistics were taken PostgreSQL believes that it has no rows, and lists and filters of it are
-- planned so. By default that lasts until the whole table has grown by a tenth: here by a hundredth.
ALTER TABLE conversations SET (autovacuum_analyze_scale_factor = 0.01, autovacuum_analyze_threshold = 500);
ALTER TABLE messages SET (autovacuum_analyze_scale_factor = 0.01, autovacuum_analyze_threshold = 500);
ALTER TABLE conversation_metadata SET (autovacuum_analyze_scale_factor = 0.01, autovacuum_analyze_threshold = 500);
