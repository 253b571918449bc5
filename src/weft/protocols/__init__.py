"""Ready-made programs and what they achieve: protocols on linked QPUs."""
