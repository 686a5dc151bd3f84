import { Link as RouteLink } from 'wouter'
import { Answered } from '../../components/answered.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatCount } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'

type Field = OutputOf<'config.show'>['fields'][number]

/** The configuration that counts for a device, and which rule decides each part of it. */
export function EffectiveConfig({ device }: { device: string }) {
  const answer = useQuery('config.show', { device })
  return (
    <Section title="Configuration" actions={<RouteLink href={paths.configuration}>Rules</RouteLink>}>
      <Answered answer={answer}>
        {({ fields, isSigned, isTaken }) => (
          <>
            <Facts rows={fields.map((field) => [nameOf(field), <Value key={field.field} field={field} />])} />
            {!isSigned && <StateMark state="working" word="is still to be signed" />}
            {isSigned && !isTaken && fields.some(({ from }) => from !== 'default') && (
              <StateMark state="working" word="signed; not taken up yet" />
            )}
          </>
        )}
      </Answered>
    </Section>
  )
}

const names: Record<string, string> = {
  windowSeconds: 'Window',
  samplesPerWindow: 'Samples',
  lowConfidenceSamples: 'Unsure samples',
  lowConfidenceBelow: 'Unsure below',
  outlierSamples: 'Outlier samples',
  distributionSeconds: 'Distributions',
  detectorSamples: 'Detectors',
  logLevel: 'Log level',
}

function nameOf({ field }: Field): string {
  return names[field] ?? (field.startsWith('masks.') ? `Mask of ${field.slice('masks.'.length)}` : field.replace(/^flags\./, ''))
}

function textOf({ field, value }: Field): string {
  if (value === null) return 'as the device is set'
  if (field === 'windowSeconds') return `${String(value)} s`
  if (field === 'distributionSeconds') return value === 0 ? 'not counted' : `${String(value)} s`
  if (field === 'detectorSamples') return value === 0 ? 'none' : `1 false alarm in ${formatCount(Number(value))}`
  return String(value)
}

function Value({ field }: { field: Field }) {
  const { from, rule } = field
  return (
    <>
      {textOf(field)} {from !== 'default' && <span className="dim">{from === 'group' ? `group ${rule ?? ''}` : from}</span>}
    </>
  )
}
