"""The environment check: facts of both servers and this computer, judged one by one."""
