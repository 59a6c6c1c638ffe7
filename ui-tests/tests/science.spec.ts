import type { IJupyterLabPageFixture } from '@jupyterlab/galata';
import { expect } from '@playwright/test';

import { newNotebook, outputs, run, test } from './site';

test.use({ prewarm: false });

/** How many compiled libraries are in memory before anything is imported. */
const IN_MEMORY = `
import sys
files = {getattr(module, "__file__", None) or "" for module in list(sys.modules.values())}
sum(file.endswith(".so") for file in files)
`;

const CELLS = [
  `
import numpy as np, scipy.fft, scipy.integrate, scipy.linalg, scipy.ndimage, scipy.optimize, scipy.special, scipy.stats
import scipy.signal, scipy.sparse, scipy.sparse.linalg, scipy.spatial
a = np.random.default_rng(7).normal(size=(30, 30))
print(scipy.linalg.lu(a)[2].sum(), scipy.linalg.expm(a / 9).sum(), abs(scipy.fft.fftn(a)).sum())
print(scipy.integrate.quad(np.exp, 0, 1), scipy.special.gammaln(a[0] ** 2).sum(), scipy.stats.ttest_ind(a[0], a[1]))
print(scipy.optimize.minimize(scipy.optimize.rosen, [1.3, 0.7, 0.8]).x, scipy.optimize.linprog([1, 2], [[-1, -1]], [-1]).x)
print(scipy.sparse.linalg.eigsh(scipy.sparse.diags(np.arange(1.0, 99)), 3, v0=np.ones(98))[0], scipy.ndimage.gaussian_filter(a, 2).sum())
print(scipy.signal.butter(4, 0.2), scipy.spatial.cKDTree(a).query(a[:2], 2)[0].sum(), scipy.spatial.ConvexHull(a[:, :2]).area)
`,
  `
from sklearn import cluster, datasets, decomposition, ensemble, linear_model, manifold, metrics, model_selection, neighbors, svm
x, y = datasets.make_classification(200, random_state=3)
for model in (
    linear_model.LogisticRegression(), svm.SVC(), neighbors.KNeighborsClassifier(),
    ensemble.RandomForestClassifier(10, random_state=1), ensemble.HistGradientBoostingClassifier(max_iter=5, random_state=1),
):
    print(type(model).__name__, model_selection.cross_val_score(model, x, y, cv=3).tolist())
print(cluster.KMeans(3, n_init=2, random_state=1).fit(x).inertia_, cluster.HDBSCAN(copy=True).fit(x).labels_.sum())
print(decomposition.PCA(2).fit(x).explained_variance_, manifold.Isomap().fit_transform(x[:50]).shape, metrics.pairwise_distances(x).sum())
`
];

async function results(page: IJupyterLabPageFixture): Promise<string[]> {
  const printed: string[] = [];
  for (const source of CELLS) {
    const cell = await run(page, source);
    await expect(cell.locator('.jp-InputArea-prompt')).toHaveText(/^\[\d+\]:$/, {
      timeout: 180_000
    });
    printed.push((await outputs(cell).allInnerTexts()).join('\n').trim());
  }
  return printed;
}

test('scipy and scikit-learn, over 200 libraries, compute after a restore what they compute without one', async ({
  page
}) => {
  test.setTimeout(600_000);
  await newNotebook(page, 'science', 'unrestored/');
  await expect(outputs(await run(page, IN_MEMORY))).toHaveText('0');
  const expected = await results(page);
  expect(expected[1]).toMatch(/^LogisticRegression \[0\.\d+/);
  expect(expected.join('\n')).not.toContain('Traceback');

  await newNotebook(page, 'science');
  const count = outputs(await run(page, IN_MEMORY));
  await expect(count).toHaveText(/^\d+$/);
  expect(Number(await count.innerText())).toBeGreaterThan(200);
  expect(await results(page)).toEqual(expected);
});
