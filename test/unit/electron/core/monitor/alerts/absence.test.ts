import { describe, expect, it } from 'vitest'
import { T0 } from '../../../../../harness/fleet.ts'
import { HOUR, MINUTE, ofVersion, openAlertDesk, PLACE, traffic } from '../../../../../harness/alert-desk.ts'

describe('what is not there', () => {
  it('fires for a device that stays away for a quarter of an hour, and is over when it is back', async () => {
    const desk = openAlertDesk()
    desk.connect('cam-1')
    await desk.pass(MINUTE)
    desk.connect('cam-1', 'offline')
    await desk.pass(14 * MINUTE)
    expect(await desk.firing()).toEqual([])
    await desk.pass(2 * MINUTE)
    expect(await desk.firing()).toMatchObject([
      { rule: 'device-offline', severity: 'warning', subject: { device: 'cam-1' }, evidence: { unit: 's', threshold: 900 } },
    ])
    desk.connect('cam-1')
    await desk.pass(3 * MINUTE)
    const { alerts } = await desk.call('alerts.list', { state: 'all' })
    expect(alerts).toMatchObject([{ state: 'resolved', occurrences: 1 }])
    expect((await desk.call('alerts.show', { alert: alerts[0]!.alert })).events.map(({ kind }) => kind)).toEqual(['firing', 'resolved'])
  })

  it('is quiet about what happened while the console did not listen', async () => {
    const desk = openAlertDesk()
    desk.connect('cam-1')
    desk.connect('cam-1', 'offline')
    // The console was shut for a day, and is back.
    desk.clock.at += 24 * HOUR
    await desk.pass(10 * MINUTE)
    expect(await desk.firing()).toEqual([])
    // It slept: a tick comes hours late.
    desk.clock.at += 8 * HOUR
    await desk.pass(10 * MINUTE)
    expect(await desk.firing()).toEqual([])
    desk.world.isListening = false
    await desk.pass(2 * HOUR)
    expect(await desk.firing()).toEqual([])
    desk.world.isListening = true
    await desk.pass(16 * MINUTE)
    expect(await desk.firing()).toMatchObject([{ subject: { device: 'cam-1' } }])
    // A firing alert of which nothing can be known stays, and says so.
    desk.world.isListening = false
    await desk.pass(5 * MINUTE)
    expect((await desk.firing())[0]?.sentence).toContain('Insufficient data since')
  })

  it('says nothing of devices that have not come yet, and of a sample fleet that somebody stopped', async () => {
    const desk = openAlertDesk()
    desk.connect('sample-1')
    desk.connect('sample-1', 'offline')
    desk.store.settings.set('sampleFleet', { isWanted: false, devices: { 'sample-1': { from: T0, enrolledAt: T0 } } })
    desk.store.devices.enrol({ device: 'new-1', secretHash: 'a'.repeat(64), labels: {}, enrolledAt: T0 })
    await desk.pass(2 * HOUR, MINUTE)
    expect((await desk.call('alerts.list', { state: 'all' })).alerts).toEqual([])
  })

  it('fires for a connected device that sends nothing', async () => {
    const desk = openAlertDesk()
    desk.connect('cam-1')
    desk.order('cam-1')
    await desk.pass(MINUTE)
    for (let i = 0; i < 4; i += 1) {
      desk.world.arrivals.set('cam-1', desk.clock.at)
      await desk.pass(10 * MINUTE)
    }
    expect(await desk.firing()).toEqual([])
    await desk.pass(25 * MINUTE)
    expect(await desk.firing()).toMatchObject([{ rule: 'no-telemetry', subject: { device: 'cam-1' } }])
    desk.world.arrivals.set('cam-1', desk.clock.at)
    await desk.pass(3 * MINUTE)
    expect(await desk.firing()).toEqual([])
  })

  it('fires for a deployment that is not asked any more although its device is connected, and not for one that is away', async () => {
    const desk = openAlertDesk()
    desk.connect('cam-1')
    desk.order('cam-1')
    const busyUntil = T0 + 2 * HOUR
    desk.script.traffic = ({ from }) => [{ key: ofVersion, state: traffic({ requests: from < busyUntil ? 100 : 0 }) }]
    const keepAlive = async (hours: number): Promise<void> => {
      for (let i = 0; i < hours; i += 1) {
        desk.world.arrivals.set('cam-1', desk.clock.at)
        await desk.pass(HOUR, MINUTE)
        desk.world.arrivals.set('cam-1', desk.clock.at)
      }
    }
    await desk.call('alerts.setRule', {
      rule: 'deployment-silent',
      set: { name: 'Deployment silent', condition: { kind: 'absence', of: 'inference', forMs: 2 * HOUR } },
    })
    await keepAlive(3)
    expect((await desk.firing()).filter(({ rule }) => rule === 'deployment-silent')).toEqual([])
    await keepAlive(2)
    const silent = (await desk.firing()).filter(({ rule }) => rule === 'deployment-silent')
    expect(silent).toMatchObject([{ subject: { deployment: PLACE.deployment, version: null } }])
  })
})
