import Foundation
import PackagePlugin

/// Builds `libweakspot-recorder.so` from CSupport/CRecorder with the toolchain's clang, and a Swift file that says where it is.
///
/// Not a target of the package: a dynamic library that SwiftPM links needs libswiftCore, also if all of it is C, and the
/// recorder is loaded into programs that have none. The library stays in the plugin's output folder, the same for debug and
/// release: it is always optimised. It is no declared output of the command, since SwiftPM would take it for a resource.
@main
struct BuildRecorder: BuildToolPlugin {
  func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
    let sources = context.package.directoryURL.appending(path: "CSupport/CRecorder")
    let library = context.pluginWorkDirectoryURL.appending(path: "libweakspot-recorder.so")
    let location = context.pluginWorkDirectoryURL.appending(path: "BuiltRecorder.swift")
    let script = context.package.directoryURL.appending(path: "Scripts/build-recorder")
    let files = try FileManager.default.contentsOfDirectory(at: sources, includingPropertiesForKeys: nil)
    let headers = sources.appending(path: "include/CRecorder.h")
    let compiler = try context.tool(named: "clang").url
    return [
      .buildCommand(
        displayName: "Building libweakspot-recorder.so", executable: URL(filePath: "/bin/bash"),
        arguments: [script.path, compiler.path, library.path, location.path],
        inputFiles: files.filter { ["c", "h"].contains($0.pathExtension) } + [headers, script],
        outputFiles: [location])
    ]
  }
}
