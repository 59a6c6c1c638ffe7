// @ts-check

module.exports = /** @type { import('@rspack/core').Configuration } */ ({
  optimization: {
    // Worker files hold strings that look like hashes; computing real content hashes
    // over them ends in a "circular hash dependency".
    realContentHash: false
  },
  module: {
    rules: [
      // Workers are complete ES modules built by esbuild: copied, not parsed again.
      {
        test: /\.worker\.js$/,
        type: 'asset/resource',
        generator: { filename: '[name].[contenthash][ext]' }
      },
      // A second copy, see `src/kernel/programs.ts`.
      {
        test: /\.worker\.js$/,
        resourceQuery: /direct/,
        type: 'asset/resource',
        generator: { filename: 'api/[name].[contenthash][ext]' }
      },
      // The stock kernel's own workers are named by the class that ours extends, but never started.
      {
        test: /[\\/]pyodide-kernel[\\/]lib[\\/].*\.worker\.js$/,
        type: 'asset/resource',
        generator: { emit: false }
      },
      // Wheels that `%pip install` finds before PyPI: its requirements of a native Jupyter are met by them.
      {
        test: /[\\/]pypi[\\/]/,
        type: 'asset/resource',
        generator: { filename: 'pypi/[name][ext][query]' }
      }
    ]
  }
});
