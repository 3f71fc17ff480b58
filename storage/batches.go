package storage

// batchRows bounds the rows that are read at once of a list that is read to its end, for
// work that has to do with little memory and no long transaction.
const batchRows = 50
