import { Button } from '@mantine/core'
import { Answered } from '../../components/answered.tsx'
import { CodeLine, CopyAsCommand } from '../../components/copy.tsx'
import { Facts } from '../../components/facts.tsx'
import { formatExact, plural } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { saveFile } from '../../data/save-file.ts'
import { useQuery } from '../../data/use-query.ts'
import { shownFingerprint } from '../../../shared/protocol/certificate.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'

/** The authority of the fleet, the certificate of the broker, and by what devices come in. */
export function BrokerTrust() {
  const answer = useQuery('broker.trust', {})
  const authority = answer.data?.authority ?? null
  return (
    <Section
      title="Certificates"
      actions={
        <>
          {authority !== null && (
            <Button onClick={() => saveFile('muster-authority.pem', authority.certificate, 'application/x-pem-file')}>
              Save the authority
            </Button>
          )}
          <CopyAsCommand command="npm run -s muster -- broker trust" isIcon />
        </>
      }
    >
      <Answered answer={answer}>{(shown) => <TrustFacts shown={shown} />}</Answered>
      <p className="dim">
        To use Mosquitto as the broker: this writes a whole configuration for it, with TLS 1.3, certificates and the rights of each device.
      </p>
      <CodeLine text="npm run -s muster -- broker mosquitto-config --out FOLDER --name NAME" label="Copy the command for Mosquitto" />
    </Section>
  )
}

function TrustFacts({ shown: { authority, server, devices } }: { shown: OutputOf<'broker.trust'> }) {
  const { certificate, secret, revoked, quarantined } = devices
  return (
    <Facts
      rows={[
        [
          'Authority',
          authority === null ? (
            'none yet: it is made when the first device needs a certificate'
          ) : (
            <Fingerprint key="authority" of={authority} />
          ),
        ],
        [
          'Broker',
          server === null ? 'no certificate of ours: it speaks no TLS, or others run it' : <Fingerprint key="server" of={server} />,
        ],
        ['Names of the broker', server === null ? null : server.names.join(', ')],
        ['Devices', `${plural(certificate, 'device')} with a certificate, ${secret} without`],
        ['Shut out or in', `${revoked} revoked, ${quarantined} in quarantine`],
      ]}
    />
  )
}

function Fingerprint({ of: { fingerprint, notAfter } }: { of: { fingerprint: string; notAfter: number } }) {
  return (
    <>
      <span className="mono">{shownFingerprint(fingerprint)}</span>
      <div className="dim">until {formatExact(notAfter)}</div>
    </>
  )
}
