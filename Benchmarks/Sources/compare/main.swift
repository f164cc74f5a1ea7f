import ArgumentParser

CompareCommand.main()
