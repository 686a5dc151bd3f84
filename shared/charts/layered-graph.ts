import { linkHorizontal } from 'd3-shape'

/** A graph whose nodes stand in columns from left to right. */
export interface LayeredInput<Id extends string = string> {
  columns: readonly (readonly Id[])[]
  edges: readonly { from: Id; to: Id }[]
  node: { width: number; height: number }
  gap: { x: number; y: number }
}

export interface LayeredScene<Id extends string = string> {
  width: number
  height: number
  nodes: { id: Id; x: number; y: number }[]
  edges: { from: Id; to: Id; path: string }[]
}

/** Lays out a small layered graph: columns are centred on each other, edges leave a node at its right side and enter at the left. */
export function layeredScene<Id extends string>({ columns, edges, node, gap }: LayeredInput<Id>): LayeredScene<Id> {
  const filled = columns.filter((column) => column.length > 0)
  const tallest = Math.max(1, ...filled.map((column) => column.length))
  const height = tallest * node.height + (tallest - 1) * gap.y
  const nodes = filled.flatMap((column, i) => {
    const own = column.length * node.height + (column.length - 1) * gap.y
    return column.map((id, k) => ({ id, x: i * (node.width + gap.x), y: (height - own) / 2 + k * (node.height + gap.y) }))
  })
  const places = new Map(nodes.map((one) => [one.id, one]))
  const link = linkHorizontal<{ source: [number, number]; target: [number, number] }, [number, number]>()
  return {
    width: Math.max(0, filled.length * (node.width + gap.x) - gap.x),
    height,
    nodes,
    edges: edges.flatMap(({ from, to }) => {
      const [a, b] = [places.get(from), places.get(to)]
      if (a === undefined || b === undefined) return []
      const source: [number, number] = [a.x + node.width, a.y + node.height / 2]
      const target: [number, number] = [b.x, b.y + node.height / 2]
      return [{ from, to, path: link({ source, target }) ?? '' }]
    }),
  }
}
