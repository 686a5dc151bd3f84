import { expect, test } from 'vitest'
import { readSigned } from '../../../../../electron/core/report/signed-report.ts'
import { writeHere, writeInThread } from '../../../../../electron/core/report/write-report.ts'
import { enrolled, T0 } from '../../../../harness/fleet.ts'
import { DAY, HOUR, openPlayedReports } from '../../../../harness/report-desk.ts'

test(
  'a thread of its own writes what this one would have written, and its faults are those of the writer',
  { timeout: 60_000 },
  async () => {
    const desk = openPlayedReports()
    enrolled(desk.store, 'cam-1')
    desk.window('cam-1', T0 + HOUR, { requests: 10 })
    desk.desk.clock.at = T0 + 5 * DAY
    const { report } = await desk.make({ kind: 'fleet', from: T0, through: T0 + DAY, zone: 'Asia/Tokyo' })
    const { signed } = readSigned(await desk.file(report, 'json'), [])
    expect(Buffer.from(await writeInThread(signed, 'html')).equals(Buffer.from(await writeHere(signed, 'html')))).toBe(true)
    const broken = { ...signed, document: { ...signed.document, sections: null as never } }
    await expect(writeInThread(broken, 'html')).rejects.toThrow()
  },
)
