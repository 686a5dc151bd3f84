import { describe, expect, it } from 'vitest'
import { channelSet, draftOfChannel, freshChannel, type Channel } from '../../../../renderer/screens/alerts/channel-draft.ts'

const kept: Channel = {
  ...{ channel: 'night', kind: 'email', name: 'Night shift', isEnabled: true, leastSeverity: 'critical', tellsResolved: false },
  ...{ target: 'a@example.org', hasSecret: true, lastDeliveredAt: null, problem: null, waiting: 0 },
  settings: {
    ...{ host: 'mail.example.org', port: 2525, security: 'tls', username: 'muster', from: 'm@example.org' },
    to: ['a@example.org', 'b@example.org'],
  },
}

describe('a channel in the editor', () => {
  it('comes back as it was kept, its secret untouched', () => {
    expect(channelSet(draftOfChannel(kept))).toEqual({
      set: {
        ...{ kind: 'email', name: 'Night shift', isEnabled: true, leastSeverity: 'critical', tellsResolved: false },
        ...{ host: 'mail.example.org', port: 2525, security: 'tls', username: 'muster', password: null },
        ...{ from: 'm@example.org', to: ['a@example.org', 'b@example.org'] },
      },
    })
  })

  it.each([
    [{ ...freshChannel('webhook') }, /address/],
    [{ ...freshChannel('webhook'), url: 'ftp://example.org' }, /address/],
    [{ ...freshChannel('email') }, /server/],
    [{ ...freshChannel('email'), host: 'mail.example.org' }, /from whom/],
    [{ ...freshChannel('email'), host: 'mail.example.org', from: 'a@b', to: 'c@d', port: '' as const }, /port/],
    [{ ...freshChannel('desktop'), name: ' ' }, /name/],
  ])('says what is missing', (draft, problem) => {
    expect(channelSet(draft)).toMatchObject({ problem: expect.stringMatching(problem) })
  })

  it('of a chat sends no more than its kind has', () => {
    expect(channelSet({ ...freshChannel('slack'), url: ' https://example.org/x ', secret: 'k' })).toMatchObject({
      set: { kind: 'slack', url: 'https://example.org/x', secret: 'k' },
    })
    expect(channelSet(freshChannel('desktop'))).toMatchObject({ set: { kind: 'desktop' } })
  })
})
