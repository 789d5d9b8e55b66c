"""The API edge: one client for OpenAI-compatible servers, one retry policy, every answer checked."""
