import type { State } from '../../../components/state-mark.tsx'
import type { ShownDeviceTrust } from '../../../../shared/rpc/contract/device-trust.ts'

/** How a device stands, as a mark and a word. */
export function trustState(shown: Pick<ShownDeviceTrust, 'access' | 'revoked' | 'quarantined' | 'cloned'>): { state: State; word: string } {
  if (shown.revoked !== null) return { state: 'failed', word: 'Revoked' }
  if (shown.quarantined !== null) return { state: 'attention', word: 'In quarantine' }
  if (shown.cloned !== null) return { state: 'attention', word: 'Seen twice' }
  return shown.access === 'certificate' ? { state: 'ok', word: 'By certificate' } : { state: 'offline', word: 'By password' }
}

/** What shutting a device in, or out, does. */
export const markWords = {
  quarantine: {
    title: (device: string) => `Put ${device} in quarantine`,
    action: 'Quarantine it',
    done: 'is in quarantine',
    text: 'It keeps answering with the model that it has, and it may connect. It is told nothing, and nothing of it is taken: its records wait on the device until it is released.',
  },
  revoke: {
    title: (device: string) => `Revoke ${device}`,
    action: 'Revoke it',
    done: 'was revoked',
    text: 'Its connection ends within a second, and its certificates and its password work no more. It keeps answering with the model that it has. To come back it must be enrolled again. A broker that others run lets it in until it has the new list (muster broker revoked) and was restarted.',
  },
} as const
