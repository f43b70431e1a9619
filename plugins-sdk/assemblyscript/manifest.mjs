// Writes manifest.ts from nflow-plugin.json, so that the plugin can describe itself.
import { readFileSync, writeFileSync } from "node:fs";

const manifest = JSON.stringify(JSON.parse(readFileSync("nflow-plugin.json", "utf8")));
writeFileSync("manifest.ts", `// Written by manifest.mjs.\nexport const MANIFEST: string = ${JSON.stringify(manifest)};\n`);
