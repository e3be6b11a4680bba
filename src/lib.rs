//! A playground for consensus.
