/**
 * Whether our own intake can be believed. While it is not `seeing` nothing is judged: silence says something about us and
 * not about the devices. `lag`: messages wait so long for their commit that silence cannot be told from queueing.
 */
export interface Visibility {
  readonly seeing: boolean;
  /** Why not; null while seeing. */
  readonly reason: 'starting' | 'broker' | 'database' | 'lag' | null;
  /** When this began; epoch ms. */
  readonly sinceMs: number;
}
