import { formatCount, plural } from '../../components/format.ts'
import { Answered } from '../../components/answered.tsx'
import { useQuery } from '../../data/use-query.ts'

const NAMED = 5

/** What a revert will give to whom, before it is ordered: what each device has, and who must fetch the fallback version. */
export function RevertEffect({ deployment, query }: { deployment: string; query: string }) {
  const answer = useQuery('deployments.previewRevert', { deployment, query })
  return (
    <Answered answer={answer}>
      {({ devices, versions, fetching, fallback, skipped }) => (
        <div role="status">
          <p>
            {devices === 0
              ? 'No device can go back now.'
              : `${plural(devices, 'device')}: ${versions.map((one) => `${one.model} ${one.version} on ${formatCount(one.devices)}`).join(', ')}.`}
          </p>
          {fallback !== null && fetching.length > 0 && (
            <p>
              <strong>{plural(fetching.length, 'device')}</strong> {fetching.length === 1 ? 'has' : 'have'} no last good version that may
              come back, and must fetch the fallback version {fallback.model} {fallback.version}:{' '}
              <span className="foreign">{namesOf(fetching)}</span>.
            </p>
          )}
          {skipped.map((one) => (
            <p key={one.reason} className="dim">
              Passed over: {plural(one.devices.length, 'device')} (<span className="foreign">{namesOf(one.devices)}</span>). {one.message}
            </p>
          ))}
        </div>
      )}
    </Answered>
  )
}

function namesOf(devices: readonly string[]): string {
  const names = devices.slice(0, NAMED).join(', ')
  return devices.length > NAMED ? `${names}, …` : names
}
