import type { CellScene } from '../../overview/cell-layout.ts'
import { cellKinds, deviceMarks, type CellKind } from './rollout-words.ts'
import type { RolloutDeviceState } from '../../../../shared/domain/rollout/life.ts'

/** Cells from this side on carry the shape of their state; smaller ones only its colour and weight. */
const SHAPED_PX = 6

/** A device as its cell is painted. */
export interface WaveCell {
  device: string
  state: RolloutDeviceState
  /** Of the bundle on the device, while it is fetching. */
  share: number | null
}

/** Colours of the cells as the theme has them now. */
export type WaveColors = Record<CellKind, string> & { focus: string }

/** Reads the colours of the theme that an element stands in. */
export function waveColors(element: Element): WaveColors {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(name).trim()
  return {
    ok: token('--ok'),
    working: token('--working'),
    failed: token('--failed'),
    attention: token('--attention'),
    offline: token('--offline'),
    waiting: token('--line-strong'),
    left: token('--line-strong'),
    returned: token('--offline'),
    focus: token('--text'),
  }
}

/** Paints the cells of a wave; `marked` has a frame. The canvas is scaled to the pixels of the screen. */
export function paintWave(
  canvas: HTMLCanvasElement,
  { scene, cells, colors, marked }: { scene: CellScene; cells: readonly WaveCell[]; colors: WaveColors; marked: number },
): void {
  const context = canvas.getContext('2d')
  if (context === null) return
  const ratio = window.devicePixelRatio
  const [width, height] = [Math.round(scene.width * ratio), Math.round(scene.height * ratio)]
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height]
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, scene.width, scene.height)
  context.lineWidth = 1.5
  const paint = scene.side >= SHAPED_PX ? shapes : blocks
  for (const wanted of cellKinds) {
    context.fillStyle = colors[wanted]
    context.strokeStyle = colors[wanted]
    for (const [i, { state, share }] of cells.entries()) {
      if (deviceMarks[state].kind === wanted) paint[wanted](context, { x: scene.xs[i]!, y: scene.ys[i]!, half: scene.side / 2, share })
    }
  }
  if (marked < 0 || marked >= cells.length) return
  context.strokeStyle = colors.focus
  const reach = scene.pitch / 2 - 0.5
  context.strokeRect(scene.xs[marked]! - reach, scene.ys[marked]! - reach, reach * 2, reach * 2)
}

type Paint = (context: CanvasRenderingContext2D, at: { x: number; y: number; half: number; share: number | null }) => void

const ring: Paint = (context, { x, y, half }) => {
  context.beginPath()
  context.arc(x, y, Math.max(0.5, half - 0.75), 0, Math.PI * 2)
  context.stroke()
}
const disc =
  (part: number): Paint =>
  (context, { x, y, half }) => {
    context.beginPath()
    context.arc(x, y, half * part, 0, Math.PI * 2)
    context.fill()
  }

/** The same shapes as `CellMark` has; of a device that is fetching, the pie is what it has. */
const shapes: Record<CellKind, Paint> = {
  ok: disc(1),
  working(context, at) {
    ring(context, at)
    context.beginPath()
    context.moveTo(at.x, at.y)
    context.arc(at.x, at.y, at.half - 0.75, -Math.PI / 2, -Math.PI / 2 + Math.PI * 2 * (at.share ?? 0.5))
    context.fill()
  },
  failed: (context, { x, y, half }) => context.fillRect(x - half, y - half, half * 2, half * 2),
  attention(context, { x, y, half }) {
    context.beginPath()
    context.moveTo(x, y - half)
    context.lineTo(x + half, y + half)
    context.lineTo(x - half, y + half)
    context.fill()
  },
  offline: ring,
  waiting: disc(0.4),
  left: (context, { x, y, half }) => context.fillRect(x - half, y - 0.75, half * 2, 1.5),
  returned(context, at) {
    ring(context, at)
    disc(0.35)(context, at)
  },
}

const block: Paint = (context, { x, y, half }) => context.fillRect(x - half, y - half, half * 2, half * 2)
const wide: Paint = (context, { x, y, half }) => context.fillRect(x - half - 0.5, y - half - 0.5, half * 2 + 1, half * 2 + 1)
const line: Paint = (context, { x, y, half }) => context.fillRect(x - half, y, half * 2, half)

/** Too small for a shape: trouble fills the gap around it as well, and what waits or has left is half a square. */
const blocks: Record<CellKind, Paint> = {
  ok: block,
  working: block,
  failed: wide,
  attention: wide,
  offline: line,
  waiting: line,
  left: line,
  returned: line,
}
