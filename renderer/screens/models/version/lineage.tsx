import { useMemo } from 'react'
import { Link as RouteLink } from 'wouter'
import type { OutputOf } from '../../../../shared/rpc/contract.ts'
import { Copy } from '../../../components/copy.tsx'
import { Section } from '../../../components/screen.tsx'
import { paths } from '../../../data/paths.ts'
import pageStyles from '../models.module.css'
import { lineageOf, nodeSize, type LineageNode } from './lineage-graph.ts'
import styles from './version.module.css'

/** Where a version comes from and where it went: files, bundle, versions, deployments, devices. */
export function LineageSection({ detail }: { detail: OutputOf<'models.show'> }) {
  const { nodes, scene } = useMemo(() => lineageOf(detail), [detail])
  return (
    <Section
      title="Lineage"
      actions={
        <span className={pageStyles.line}>
          <span className="mono dim">{detail.digest.slice(0, 24)}…</span>
          <Copy value={detail.digest} label="Copy the bundle digest" />
        </span>
      }
    >
      <div className={pageStyles.scroll} tabIndex={0} role="group" aria-label="Lineage of this version">
        <div className={styles.graph} style={{ width: scene.width, height: scene.height }}>
          <svg width={scene.width} height={scene.height} aria-hidden="true">
            {scene.edges.map(({ from, to, path }) => (
              <path key={`${from} ${to}`} d={path} />
            ))}
          </svg>
          {scene.nodes.map(({ id, x, y }) => (
            <div
              key={id}
              className={styles.node}
              data-self={nodes.get(id)!.isSelf}
              style={{ left: x, top: y, width: nodeSize.width, height: nodeSize.height }}
            >
              <NodeText model={detail.model} version={detail.version} node={nodes.get(id)!} />
            </div>
          ))}
        </div>
      </div>
    </Section>
  )
}

function NodeText({ model, version, node }: { model: string; version: string; node: LineageNode }) {
  const { kind, title, detail } = node
  const isMono = kind === 'bundle'
  const path =
    kind === 'deployment'
      ? paths.deployment(node.deployment!)
      : kind === 'devices'
        ? paths.devices(`model:${model}@${version}`)
        : kind === 'version' && node.isSelf !== true
          ? paths.version(model, node.version!)
          : null
  return (
    <>
      {path === null ? (
        <span className={isMono ? 'mono foreign' : 'foreign'} title={title}>
          {title}
        </span>
      ) : (
        <RouteLink href={path} className="foreign" title={title}>
          {title}
        </RouteLink>
      )}
      <small>{detail}</small>
    </>
  )
}
