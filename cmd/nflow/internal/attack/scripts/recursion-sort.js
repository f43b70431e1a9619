// A comparator that sorts.
// ends: depth operations time
const sort = () => [3, 1, 2].sort(sort);
sort();
