-- What the caller's platform counted of a language model's work in a conversation: LlmStatsInput as it was given.

ALTER TABLE conversations ADD COLUMN llm_stats jsonb;
