// Answers again and again, with ever more headers.
// ends: payload error ok memory time operations
for (let i = 0; i < 200000; i++) c.SetHeader("X-" + i, "y".repeat(1000));
return {};
