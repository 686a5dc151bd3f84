import { useElementSize } from '@mantine/hooks'
import { useMemo } from 'react'
import { Link as RouteLink } from 'wouter'
import { Answered } from '../../components/answered.tsx'
import { formatCount } from '../../components/format.ts'
import { Section } from '../../components/screen.tsx'
import { StateMark } from '../../components/state-mark.tsx'
import { paths } from '../../data/paths.ts'
import { useQuery } from '../../data/use-query.ts'
import { healthLetters, healths, type Health } from '../../../shared/domain/device-health.ts'
import { quoted } from '../../../shared/domain/query/query.ts'
import type { OutputOf } from '../../../shared/rpc/contract.ts'
import { layOutCells } from './cell-layout.ts'
import { CellCanvas, type Cell } from './cell-canvas.tsx'
import styles from './overview.module.css'

/** The strip stays this low as long as cells can be seen at all: the rest of the page is on the screen with it. */
const MOST_HEIGHT = 190

/** Every device as one cell, grouped by site: where the trouble is, before reading a word. */
export function FleetStrip() {
  const answer = useQuery('devices.cells', {})
  return (
    <Section title="Devices by site" actions={answer.data !== undefined && <Legend counts={answer.data.counts} />}>
      <Answered answer={answer}>{(cells) => <Cells groups={cells.groups} />}</Answered>
    </Section>
  )
}

/** Counts of the states; each leads to its devices. */
function Legend({ counts }: { counts: OutputOf<'devices.cells'>['counts'] }) {
  return (
    <nav className={styles.legend} aria-label="Devices by state">
      {(['failed', 'attention', 'working', 'ok', 'offline'] as const).map((health) => (
        <RouteLink key={health} href={paths.devices(`health = ${health}`)} data-none={counts[health] === 0 || undefined}>
          <StateMark state={health} word={`${formatCount(counts[health])} ${health}`} />
        </RouteLink>
      ))}
    </nav>
  )
}

type Groups = OutputOf<'devices.cells'>['groups']
const healthOfLetter = new Map<string, Health>(healths.map((health) => [healthLetters[health], health]))

function Cells({ groups }: { groups: Groups }) {
  const { ref, width } = useElementSize()
  const cells = useMemo(
    () =>
      groups.flatMap(({ site, devices, health }): Cell[] =>
        devices.map((device, i) => ({ device, site, health: healthOfLetter.get(health[i]!) ?? 'offline' })),
      ),
    [groups],
  )
  // States change all the time, sites hardly ever: the layout is made again only when the groups or the width change.
  const shape = JSON.stringify(groups.map(({ site, devices }) => [titleOf(site), devices.length]))
  const scene = useMemo(() => {
    const shapes = JSON.parse(shape) as [string, number][]
    const named = shapes.map(([title, count]) => ({ title: `${title} ${formatCount(count)}`, count }))
    return layOutCells(named, { width: Math.max(120, width), maxHeight: MOST_HEIGHT, measure: widthOfTitle })
  }, [shape, width])
  return (
    <div ref={ref} className={styles.strip}>
      {width > 0 && (
        <CellCanvas cells={cells} scene={scene} siteTitle={titleOf}>
          {scene.titles.map(({ group, x, y, width: titleWidth }) => {
            const { site, devices } = groups[group]!
            return (
              <RouteLink
                key={group}
                href={paths.devices(site === null ? 'not tag:site' : `site = ${quoted(site)}`)}
                className={`foreign ${styles.siteTitle}`}
                style={{ left: x, top: y, maxWidth: titleWidth }}
                title={`${titleOf(site)}: ${formatCount(devices.length)}`}
              >
                {titleOf(site)} <span className="dim">{formatCount(devices.length)}</span>
              </RouteLink>
            )
          })}
        </CellCanvas>
      )}
    </div>
  )
}

function titleOf(site: string | null): string {
  return site ?? 'no site'
}

/** Near enough for 11 px text: titles are cut off where they do not fit. */
function widthOfTitle(title: string): number {
  return title.length * 6.2 + 6
}
