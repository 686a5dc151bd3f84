import { Answered } from '../../components/answered.tsx'
import { Copy } from '../../components/copy.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatBytes, formatCount } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { Ago } from '../../components/time.tsx'
import { useQuery } from '../../data/use-query.ts'
import { hostBridge } from '../../transport/choose-link.ts'

/** Facts of the running console. */
export function AboutSettings() {
  const status = useQuery('system.status', {}, { everyMs: 5000 })
  return (
    <Section title="About this console">
      <Answered answer={status}>
        {(data) => (
          <Facts
            rows={[
              ['Version', `Muster ${data.version}`],
              ['Runs in', hostBridge() === null ? 'a browser' : 'the desktop app'],
              ['Started', <Ago at={data.startedAt} />],
              [
                'Data directory',
                <>
                  <span className="mono">{data.dataDirectory}</span> <Copy value={data.dataDirectory} label="Copy the path" />
                </>,
              ],
              [
                'Memory',
                `${formatBytes(data.memory.coreBytes)} core${data.memory.hubBytes === null ? '' : `, ${formatBytes(data.memory.hubBytes)} hub`}`,
              ],
              ['Disk', data.disk === null ? null : `${formatBytes(data.disk.freeBytes)} free of ${formatBytes(data.disk.totalBytes)}`],
              ['Records stored', formatCount(data.ingest.records)],
              ['Records kept aside', `${formatCount(data.ingest.quarantined)} that could not be read`],
              ['Restarts of the hub', formatCount(data.hub.restarts)],
              ['Licence', 'Apache-2.0; fonts: SIL Open Font Licence 1.1'],
            ]}
          />
        )}
      </Answered>
    </Section>
  )
}
