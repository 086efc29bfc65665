"""What `use_deterministic_algorithms` does beside choosing algorithms."""

# Torch fills new memory there to make reading it an error that repeats; here no program sees memory nobody wrote.
fill_uninitialized_memory = True
