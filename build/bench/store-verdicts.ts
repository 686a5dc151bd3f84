import type { StoreFigures } from './store.ts'
import type { Verdict } from './targets.ts'

const whole = (value: number): string => Math.round(value).toLocaleString('en')
/** Milliseconds, with digits where there are few. */
const ms = (value: number): string => (value < 10 ? value.toFixed(1) : whole(value))

/** The figures of the store beside what they should be; times are of this machine, the targets are ratios. */
export function judgeStore({ ingest, devices, windows, bytesPerWindow, bytesOfSums, questions }: StoreFigures): Verdict[] {
  const share = ingest.withSumsPerSecond / ingest.writerPerSecond
  const bare = ingest.bareInsertPerSecond / ingest.withSumsPerSecond
  return [
    {
      what: 'store: windows taken in, with all sums',
      target: 'at least half of without',
      figure: `${whole(ingest.withSumsPerSecond)}/s, ${share.toFixed(2)}x of ${whole(ingest.writerPerSecond)}/s without sums of slices; bare insert ${bare.toFixed(1)}x`,
      isMet: share >= 0.5,
    },
    {
      what: `store: ${whole(windows)} windows of ${whole(devices)} devices`,
      target: '-',
      figure: `${whole(bytesPerWindow)} bytes per window with indexes, all sums ${whole(bytesOfSums / 1e6)} MB`,
      isMet: null,
    },
    ...questions.map(({ what, fromWindowsMs, fromSumsMs, isSame }) => ({
      what: `store: ${what}`,
      target: 'the same answer',
      figure: `${ms(fromSumsMs)} ms from sums, ${ms(fromWindowsMs)} ms from windows (${whole(fromWindowsMs / fromSumsMs)}x)`,
      isMet: isSame,
    })),
  ]
}
