// Backtracks inside split.
// hard
// ends: time error
return { n: ("b".repeat(40) + "!").split(/(?:(b+)+)(?=c)/).length };
