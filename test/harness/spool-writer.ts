// A child that appends for ever and says each number after its commit; the test kills it at any moment.
import { writeSync } from 'node:fs'
import { eventRecord, testSpool } from './spool.ts'

const spool = testSpool(process.argv[2]!, { bootText: process.argv[3]! })
for (let i = 0; ; i += 1) {
  spool.append([eventRecord(`${process.argv[3]!}/${i}`)])
  // Synchronous: what is not committed is never said, what is said was committed.
  writeSync(1, `${i}\n`)
}
