import type { Health } from '../../../shared/domain/device-health.ts'
import type { CellScene } from './cell-layout.ts'

/** Cells from this side on carry the shape of their state; smaller ones only its colour and weight. */
const SHAPED_PX = 6

/** Trouble is drawn last: where cells touch, it lies on top. */
const drawnFirst: readonly Health[] = ['offline', 'ok', 'working', 'attention', 'failed']

/** Colours of the states as the theme has them now. */
export type CellColors = Record<Health, string> & { focus: string; ground: string }

/** Reads the colours of the theme that an element stands in. */
export function cellColors(element: Element): CellColors {
  const style = getComputedStyle(element)
  const token = (name: string): string => style.getPropertyValue(name).trim()
  return {
    ok: token('--ok'),
    working: token('--working'),
    attention: token('--attention'),
    failed: token('--failed'),
    offline: token('--offline'),
    focus: token('--text'),
    ground: token('--bg'),
  }
}

/** Paints all cells; `marked` has a frame. The canvas is scaled to the pixels of the screen. */
export function paintCells(
  canvas: HTMLCanvasElement,
  { scene, healths, colors, marked }: { scene: CellScene; healths: readonly Health[]; colors: CellColors; marked: number },
): void {
  const context = canvas.getContext('2d')
  if (context === null) return
  const ratio = window.devicePixelRatio
  const [width, height] = [Math.round(scene.width * ratio), Math.round(scene.height * ratio)]
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height]
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, scene.width, scene.height)
  context.lineWidth = 1.5
  const paint = scene.side >= SHAPED_PX ? shapes : squares
  for (const health of drawnFirst) {
    context.fillStyle = colors[health]
    context.strokeStyle = colors[health]
    for (const [i, own] of healths.entries()) {
      if (own === health) paint[health](context, { x: scene.xs[i]!, y: scene.ys[i]!, half: scene.side / 2 })
    }
  }
  if (marked < 0 || marked >= healths.length) return
  context.strokeStyle = colors.focus
  const reach = scene.pitch / 2
  context.strokeRect(scene.xs[marked]! - reach, scene.ys[marked]! - reach, reach * 2, reach * 2)
}

type Paint = (context: CanvasRenderingContext2D, at: { x: number; y: number; half: number }) => void

/** The same shapes as `StateMark` has. */
const shapes: Record<Health, Paint> = {
  ok(context, { x, y, half }) {
    context.beginPath()
    context.arc(x, y, half, 0, Math.PI * 2)
    context.fill()
  },
  working(context, { x, y, half }) {
    context.beginPath()
    context.arc(x, y, half - 0.75, 0, Math.PI * 2)
    context.stroke()
    context.beginPath()
    context.arc(x, y, half - 0.75, -Math.PI / 2, Math.PI / 2)
    context.fill()
  },
  attention(context, { x, y, half }) {
    context.beginPath()
    context.moveTo(x, y - half)
    context.lineTo(x + half, y + half)
    context.lineTo(x - half, y + half)
    context.fill()
  },
  failed: (context, { x, y, half }) => context.fillRect(x - half, y - half, half * 2, half * 2),
  offline(context, { x, y, half }) {
    context.beginPath()
    context.arc(x, y, half - 0.75, 0, Math.PI * 2)
    context.stroke()
  },
}

const square: Paint = (context, { x, y, half }) => context.fillRect(x - half, y - half, half * 2, half * 2)
const wide: Paint = (context, { x, y, half }) => context.fillRect(x - half - 0.5, y - half - 0.5, half * 2 + 1, half * 2 + 1)

/** Too small for a shape: trouble fills the gap around it as well, and devices that tell nothing are half a square. */
const squares: Record<Health, Paint> = {
  ok: square,
  working: square,
  attention: wide,
  failed: wide,
  offline: (context, { x, y, half }) => context.fillRect(x - half, y, half * 2, half),
}
