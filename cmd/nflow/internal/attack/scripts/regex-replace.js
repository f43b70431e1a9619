// Backtracks inside replace.
// hard
// ends: time error
return { s: ("a".repeat(40) + "!").replace(/(?=a)((a+)+)$/g, "") };
