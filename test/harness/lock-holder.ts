import Database from 'better-sqlite3'

// Holds a database for itself until it is killed, as a database browser or a copy in progress does.
const db = new Database(process.argv[2])
db.pragma('locking_mode = EXCLUSIVE')
db.exec('BEGIN EXCLUSIVE')
process.send?.('held')
setInterval(() => db.inTransaction, 60_000)
