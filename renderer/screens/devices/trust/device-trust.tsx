import { useState } from 'react'
import { Answered } from '../../../components/answered.tsx'
import { CopyAsCommand, shellWord } from '../../../components/copy.tsx'
import { Facts } from '../../../components/facts.tsx'
import { formatExact } from '../../../components/format.ts'
import { Section } from '../../../components/screen.tsx'
import { StateMark } from '../../../components/state-mark.tsx'
import { Ago } from '../../../components/time.tsx'
import { useCommand } from '../../../data/use-command.ts'
import { useQuery } from '../../../data/use-query.ts'
import { showDone } from '../../../shell/notices.tsx'
import { MayButton } from '../../../shell/may-button.tsx'
import { shownFingerprint } from '../../../../shared/protocol/certificate.ts'
import type { ShownDeviceTrust } from '../../../../shared/rpc/contract/device-trust.ts'
import { MarkDevice } from './mark-device.tsx'
import { trustState } from './trust-words.ts'
import styles from './trust.module.css'

/** What the fleet trusts a device by, and how it is shut in or out. */
export function DeviceTrust({ device, isOnline }: { device: string; isOnline: boolean }) {
  const answer = useQuery('devices.trust', { device })
  return (
    <Section title="Trust" actions={<CopyAsCommand command={`npm run -s muster -- devices trust ${shellWord(device)}`} isIcon />}>
      <Answered answer={answer}>
        {(shown) => (
          <>
            <TrustFacts shown={shown} />
            <Actions shown={shown} isOnline={isOnline} />
          </>
        )}
      </Answered>
    </Section>
  )
}

function TrustFacts({ shown }: { shown: ShownDeviceTrust }) {
  // The one that lets it in now: a newer one may never have reached it.
  const current = shown.certificates.find(({ state }) => state === 'in-use') ?? shown.certificates.find(({ state }) => state === 'issued')
  const { state, word } = trustState(shown)
  const mark = shown.revoked ?? shown.quarantined
  return (
    <Facts
      rows={[
        ['State', <StateMark key="state" state={state} word={word} />],
        ['Why', mark === null || mark.why === '' ? null : mark.why],
        ['By', mark?.by ?? null],
        [
          'Seen twice',
          // Quarantine by the detection of clones has the same reason.
          shown.cloned === null || shown.cloned.why === mark?.why ? null : (
            <span key="cloned">
              {shown.cloned.why}, <Ago at={shown.cloned.at} />
            </span>
          ),
        ],
        [
          'Fingerprint',
          current === undefined ? null : (
            <span key="print" className="mono">
              {shownFingerprint(current.fingerprint)}
            </span>
          ),
        ],
        ['Certificate until', current === undefined ? null : formatExact(current.notAfter)],
        ['Renewed from', current === undefined ? null : formatExact(current.renewAt)],
        ['Other certificates', shown.certificates.length > 1 ? String(shown.certificates.length - 1) : null],
      ]}
    />
  )
}

function Actions({ shown, isOnline }: { shown: ShownDeviceTrust; isOnline: boolean }) {
  const { device } = shown
  const [asked, setAsked] = useState<'revoke' | 'quarantine' | null>(null)
  const renew = useCommand('devices.renewCertificate')
  const release = useCommand('devices.release')
  const done = (work: Promise<unknown>, words: string): void => {
    // What fails is shown as a notice.
    work.then(() => showDone(words)).catch(() => undefined)
  }
  return (
    <div className={styles.actions}>
      {shown.revoked === null && (
        <MayButton
          method="devices.renewCertificate"
          disabled={!isOnline}
          loading={renew.isRunning}
          onClick={() => done(renew.run({ device }), `${device} was asked to renew.`)}
        >
          {shown.access === 'certificate' ? 'Renew the certificate' : 'Give it a certificate'}
        </MayButton>
      )}
      {shown.quarantined !== null || shown.cloned !== null ? (
        <MayButton
          method="devices.release"
          loading={release.isRunning}
          onClick={() => done(release.run({ device }), `${device} is released.`)}
        >
          {shown.quarantined === null ? 'It is no clone' : 'Release it'}
        </MayButton>
      ) : null}
      {shown.revoked === null && shown.quarantined === null && (
        <MayButton method="devices.quarantine" onClick={() => setAsked('quarantine')}>
          Quarantine
        </MayButton>
      )}
      {shown.revoked === null && (
        <MayButton method="devices.revoke" onClick={() => setAsked('revoke')}>
          Revoke
        </MayButton>
      )}
      {asked !== null && <MarkDevice what={asked} device={device} onClose={() => setAsked(null)} />}
    </div>
  )
}
