import { describe, expect, test } from 'vitest'
import { openFrameLinks, type FrameLink } from '../../../../../electron/core/serve/frame-links.ts'
import { openPeopleDesk } from '../../../../harness/people-desk.ts'

/** A port of the desktop's window whose other end is the test. */
function openWindow() {
  const heard: unknown[] = []
  const state: { isClosed: boolean; say(frame: unknown): void } = { isClosed: false, say: () => undefined }
  const link: FrameLink = {
    send: (frame) => void heard.push(frame),
    onFrame: (handler) => void (state.say = handler),
    onClose: () => undefined,
    close: () => void (state.isClosed = true),
  }
  let id = 0
  const ask = async (method: string): Promise<string> => {
    id += 1
    const mine = id
    state.say({ id: mine, method, input: {} })
    for (;;) {
      const answer = heard.find((frame) => (frame as { id?: number }).id === mine) as
        | { ok: boolean; output?: { caller?: { actor: string } }; error?: { code: string } }
        | undefined
      if (answer !== undefined) return answer.ok ? (answer.output?.caller?.actor ?? 'ok') : answer.error!.code
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { link, heard, state, ask }
}

describe('case 50: the window of the desktop', () => {
  test('without accounts it is whoever sits at the machine; the first account shuts it, and it asks to sign in', async () => {
    const desk = openPeopleDesk()
    const links = openFrameLinks({ dispatch: desk.dispatch, access: desk.people.access, log: () => undefined })
    const before = openWindow()
    links.connect(before.link, desk.people.access.window('kim'))
    expect(await before.ask('access.show')).toBe('desktop:kim')
    await desk.add('anna', 'admin')
    links.recheck()
    expect(before.state.isClosed).toBe(true)

    const after = openWindow()
    links.connect(after.link, desk.people.access.window('kim'))
    expect([await after.ask('access.show'), await after.ask('people.list')]).toEqual(['guest', 'access.sign-in'])
    const { session } = await desk.call(desk.people.access.window('kim'), 'access.signIn', {
      name: 'anna',
      password: 'long words of anna to keep',
    })
    after.state.say({ token: session })
    expect([await after.ask('access.show'), await after.ask('people.list')]).toEqual(['desktop:anna', 'ok'])
  })

  test('a session that has ended, a wrong one, and what is no hello leave the window where it was', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    const { session, caller } = await desk.signIn('anna')
    await desk.call(caller, 'access.signOut', {})
    const links = openFrameLinks({ dispatch: desk.dispatch, access: desk.people.access, log: () => undefined })
    const window = openWindow()
    links.connect(window.link, desk.people.access.window('kim'))
    for (const frame of [{ token: session }, { token: 'mss_x' }, { token: 5 }, { token: session, role: 'admin' }, {}, null, 'token']) {
      window.state.say(frame)
      expect(await window.ask('people.list')).toBe('access.sign-in')
    }
  })

  test('a window whose session is ended elsewhere is shut, and a guest hears nothing of what changes', async () => {
    const desk = openPeopleDesk()
    await desk.add('anna', 'admin')
    const { session, caller } = await desk.signIn('anna')
    const links = openFrameLinks({ dispatch: desk.dispatch, access: desk.people.access, log: () => undefined })
    const [asAnna, asGuest] = [openWindow(), openWindow()]
    for (const one of [asAnna, asGuest]) links.connect(one.link, desk.people.access.window('kim'))
    asAnna.state.say({ token: session })
    await asAnna.ask('access.show')
    links.broadcast({ event: 'changed', topics: ['devices'] })
    const news = { event: 'changed', topics: ['devices'] }
    expect([asAnna.heard.at(-1), asGuest.heard]).toEqual([news, [{ event: 'welcome', by: 'guest' }]])
    await desk.call(caller, 'access.signOut', { everywhere: true })
    links.recheck()
    expect([asAnna.state.isClosed, asGuest.state.isClosed]).toEqual([true, false])
  })
})
