/**
 * Loaded before a child's own code: ends the child when its console is gone, also when that was killed. A simulator that
 * lived on would send everything a second time beside the next start's.
 */
process.once('disconnect', () => process.exit(0));
// The channel alone must not keep a child running that has nothing else to do.
process.channel?.unref();
