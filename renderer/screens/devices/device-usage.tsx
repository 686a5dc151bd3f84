import { CopyAsCommand, shellWord } from '../../components/copy.tsx'
import { Answered } from '../../components/answered.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatBytes, formatCount, formatDuration } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { useNow } from '../../components/time.tsx'
import { useQuery } from '../../data/use-query.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { periods, spanOf, type Period } from './chart-data.ts'

type Usage = OutputOf<'telemetry.usage'>

/** What the device used: payload bytes by cause, inferences, computing time, disk. */
export function DeviceUsage({ device, period }: { device: string; period: Period }) {
  const { from, through } = spanOf(period, useNow())
  const answer = useQuery('telemetry.usage', { device, from, through }, { keepsPrevious: true })
  return (
    <Section
      title={`Use in the last ${periods[period].title}`}
      actions={<CopyAsCommand command={`npm run -s muster -- telemetry usage --device ${shellWord(device)} --since ${period}`} isIcon />}
    >
      <Answered answer={answer}>
        {(usage) =>
          usage.totalDevices === 0 ? <p className="dim">The device told nothing of its use in this time.</p> : <Rows usage={usage} />
        }
      </Answered>
    </Section>
  )
}

function Rows({ usage }: { usage: Usage }) {
  return (
    <Facts
      rows={[
        ['Received', causesText(usage.bytesIn)],
        ['Sent', causesText(usage.bytesOut)],
        ['Inferences', formatCount(usage.inferences)],
        ['Computing', formatDuration(usage.cpuSeconds * 1000)],
        ['Stored', formatBytes(usage.storedBytes)],
      ]}
    />
  )
}

/** Bytes in all, and by cause: `1.2 MB: model 1.1 MB, order 12 kB`. */
export function causesText(causes: Usage['bytesIn']): string {
  const all = causes.reduce((sum, { bytes }) => sum + bytes, 0)
  const each = causes.filter(({ bytes }) => bytes > 0).map(({ cause, bytes }) => `${cause} ${formatBytes(bytes)}`)
  return each.length === 0 ? 'nothing' : `${formatBytes(all)}: ${each.join(', ')}`
}
