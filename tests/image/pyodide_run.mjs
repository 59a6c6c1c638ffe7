// Run a Python program in Pyodide with the project mounted at /project.
//
// node pyodide_run.mjs PYODIDE_FOLDER PROJECT PROGRAM.py

import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [folder, project, program] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
const pyodide = await loadPyodide({ indexURL: folder });
pyodide.mountNodeFS('/project', project);
pyodide.runPython(readFileSync(program, 'utf-8'));
