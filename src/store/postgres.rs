//! PostgreSQL.

#[expect(dead_code, reason = "the engine is not there yet")]
mod fault;
#[expect(dead_code, reason = "the engine is not there yet")]
mod settings;
