"""Which voters a person should look at: tests of every voter against the fit without that voter. numpy only.

Start at ``inspection.inspect``; ``evidence`` says what goes in, ``flags`` what comes out.
"""
