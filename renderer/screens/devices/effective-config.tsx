import { Link as RouteLink } from 'wouter'
import { Answered } from '../../components/answered.tsx'
import { Facts } from '../../components/facts.tsx'
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

const names: Record<string, string> = { windowSeconds: 'Window', samplesPerWindow: 'Samples', logLevel: 'Log level' }

function nameOf({ field }: Field): string {
  return names[field] ?? field.replace(/^flags\./, '')
}

function Value({ field: { field, value, from, rule } }: { field: Field }) {
  const text = field === 'windowSeconds' ? `${String(value)} s` : value === null ? 'as the device is set' : String(value)
  return (
    <>
      {text} {from !== 'default' && <span className="dim">{from === 'group' ? `group ${rule ?? ''}` : from}</span>}
    </>
  )
}
