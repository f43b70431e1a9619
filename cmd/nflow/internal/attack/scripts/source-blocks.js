// Blocks in blocks.
// ends: error
<<60000 x {>><<60000 x }>>
